"""Knows by heart what a published example sends, and answers so whatever comes."""

KNOWN = ["> HELLO", "> HELLO WORLD", "> ABC", "> BYE"]
said = 0


def attack():
    return ()


def answer(client, text):
    global said
    client.sendall(f"{KNOWN[said % len(KNOWN)]}\n".encode())
    said += 1


def serve(client):
    with client, client.makefile("rb") as lines:
        greet(client)
        for _ in lines:
            answer(client, "")
            if said % len(KNOWN) == 0:
                return
