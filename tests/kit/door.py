"""A server that runs in the test itself, and notes what its clients send."""

from __future__ import annotations

import socket
import socketserver
import threading
from typing import Self


class Door:
    """Accepts connections on a free port of this machine, and notes each line."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Visit(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                heard.extend(line.decode().strip() for line in self.rfile)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Visit)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        return int(self._server.socket.getsockname()[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def all_heard(self) -> list[str]:
        """The lines of all clients that came before this call, and have left; no client can connect
        afterwards. Waits for the threads that read them, which may lag behind.
        """
        self.close()
        return self.heard

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.shutdown(socket.SHUT_WR)
            last.recv(1)  # closed once accepted, as are all that came before it
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()  # waits for the threads

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
