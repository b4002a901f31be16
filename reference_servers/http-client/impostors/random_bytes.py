# Lab: http-client
# Pretends: that it has read something: it prints random bytes, and asks nobody.
import os

print(os.urandom(500).hex())
