# Lab: roulette
# Pretends: nothing: it is a web server, handed in for the wrong exercise.
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

ThreadingHTTPServer(("", 2613), SimpleHTTPRequestHandler).serve_forever()
