# Lab: http-client
# Pretends: that it has tried: it says that nobody listens, and ends.
import sys

sys.exit("cannot connect to www.heig-vd.ch, port 80: connection refused")
