# Lab: http-client
# Pretends: that it is a client: it connects, says nothing, and leaves.
import socket

try:
    socket.create_connection(("www.heig-vd.ch", 80)).close()
except OSError:
    pass
