import sys

sys.exit("there is no such instrument")
