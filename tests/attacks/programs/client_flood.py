"""Pours bytes without end over each client, for as long as it takes them: as much at a time as
goes, or in the smallest of segments."""


def attack():
    return ()


def greet(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    chunk = GIVEN["text"].encode() * GIVEN.get("times", 65536)
    while True:
        client.sendall(chunk)
