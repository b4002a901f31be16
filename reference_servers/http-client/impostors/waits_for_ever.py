# Lab: http-client
# Pretends: that it is about to connect: it waits, and nobody knows what for.
import threading

threading.Event().wait()
