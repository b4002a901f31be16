# Lab: orchestra
# Pretends: that three musicians play, always the same, and plays nothing.

import json
import socket

ANSWER = [
    {
        "uuid": "aa7d8cb3-a15f-4f06-a0eb-b8feb6244a60",
        "instrument": "piano",
        "activeSince": "2016-04-27T05:20:50.731Z",
    },
    {
        "uuid": "06dbcbeb-c4c8-49ed-ac2a-cd8716cbf2d3",
        "instrument": "flute",
        "activeSince": "2016-04-27T05:39:03.211Z",
    },
    {
        "uuid": "16dbcbeb-c4c8-49ed-ac2a-cd8716cbf2d3",
        "instrument": "drum",
        "activeSince": "2016-04-27T05:39:03.211Z",
    },
]

server = socket.create_server(("", 2205))
while True:
    client, _ = server.accept()
    with client:
        client.sendall(json.dumps(ANSWER).encode())
