"""Pours bytes without end over each client, for as long as it takes them."""


def attack():
    return ()


def greet(client):
    chunk = GIVEN["text"].encode() * 65536
    while True:
        client.sendall(chunk)
