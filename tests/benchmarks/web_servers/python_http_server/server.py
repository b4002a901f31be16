"""Python's http.server, as it is: files below www."""

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

SimpleHTTPRequestHandler.protocol_version = "HTTP/1.1"
handler = functools.partial(SimpleHTTPRequestHandler, directory="www")
ThreadingHTTPServer(("", 8080), handler).serve_forever()
