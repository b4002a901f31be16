"""A musician: plays its instrument once a second, for everybody to hear."""

import json
import socket
import sys
import time
import uuid

GROUP = ("239.255.22.5", 9907)
PERIOD = 1.0

SOUNDS = {
    "piano": "ti-ta-ti",
    "trumpet": "pouet",
    "flute": "trulu",
    "violin": "gzi-gzi",
    "drum": "boum-boum",
}

if len(sys.argv) != 2 or sys.argv[1] not in SOUNDS:
    sys.exit(f"usage: musician.py {'|'.join(SOUNDS)}")

me = str(uuid.uuid4())
sound = SOUNDS[sys.argv[1]]
stage = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

due = time.monotonic()
while True:
    note = json.dumps({"uuid": me, "sound": sound})
    stage.sendto(note.encode(), GROUP)
    due += PERIOD
    time.sleep(max(0.0, due - time.monotonic()))
