"""The auditor: listens to the musicians, and tells whoever connects who is active.

Lab: orchestra
Leaves to the student: nothing
"""

import json
import socket
import threading
import time
from datetime import UTC, datetime

GROUP = ("239.255.22.5", 9907)
PORT = 2205
ACTIVE = 5.0  # seconds after its last datagram for which a musician is listed

INSTRUMENTS = {
    "ti-ta-ti": "piano",
    "pouet": "trumpet",
    "trulu": "flute",
    "gzi-gzi": "violin",
    "boum-boum": "drum",
}

musicians = {}
lock = threading.Lock()


def ear():
    """A socket that has joined the musicians' group."""
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("", GROUP[1]))
    member = socket.inet_aton(GROUP[0]) + socket.inet_aton("0.0.0.0")
    found.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return found


def hear(data):
    """Remembers the musician that has sent this datagram."""
    try:
        said = json.loads(data)
        uuid, instrument = said["uuid"], INSTRUMENTS[said["sound"]]
    except (ValueError, KeyError, TypeError):
        return  # no musician's
    now = time.time()
    with lock:
        since = musicians[uuid]["since"] if is_active(uuid, now) else now
        musicians[uuid] = {"instrument": instrument, "since": since, "last": now}


def is_active(uuid, now):
    return uuid in musicians and now - musicians[uuid]["last"] <= ACTIVE


def listen():
    heard = ear()
    while True:
        hear(heard.recv(65_535))


def active():
    """The musicians that are active now, as they are told."""
    now = time.time()
    with lock:
        for uuid in [each for each in musicians if not is_active(each, now)]:
            del musicians[uuid]
        return [
            {
                "uuid": uuid,
                "instrument": musician["instrument"],
                "activeSince": iso(musician["since"]),
            }
            for uuid, musician in musicians.items()
        ]


def iso(seconds):
    when = datetime.fromtimestamp(seconds, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def serve(client):
    with client:
        client.sendall(json.dumps(active()).encode() + b"\r\n")


threading.Thread(target=listen, daemon=True).start()
server = socket.create_server(("", PORT))
while True:
    client, _ = server.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
