from .server import PORT, EchoServer, Handler

if __name__ == "__main__":
    with EchoServer(("", PORT), Handler) as server:
        server.serve_forever()
