"""What a request may be refused for."""

from answer import Answer


class Refused(Exception):  # noqa: N818 - an adjective for a request
    """The request is answered with this status. `closes`: where the next request begins is not
    known, so the connection is closed."""

    def __init__(self, status, *, closes=False, **headers):
        super().__init__(status)
        self.status, self.closes, self.headers = status, closes, headers

    def answer(self):
        """What is sent back: nothing of what the client has said."""
        words = {name.replace("_", "-").title(): value for name, value in self.headers.items()}
        text = f"{self.status}\n".encode()
        headers = {"Content-Type": "text/plain", **words}
        return Answer(self.status, text, headers, closes=self.closes)
