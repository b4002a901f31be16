import sys
import time

SOUNDS = {"piano": "ti-ta-ti", "trumpet": "pouet", "flute": "trulu", "violin": "gzi-gzi"}
while True:
    print(SOUNDS.get(sys.argv[-1], "boum-boum"), flush=True)
    time.sleep(1)
