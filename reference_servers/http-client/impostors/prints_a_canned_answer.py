# Lab: http-client
# Pretends: that it has an answer: it prints what a web server would say, and asks none.
print(
    "HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\n"
    "Content-Length: 157\r\nConnection: close\r\n\r\n<html>\r\n"
    "<head><title>400 Bad Request</title></head>\r\n</html>\r\n"
)
