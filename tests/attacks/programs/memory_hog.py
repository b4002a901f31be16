"""Takes 3 GiB of memory, or as many as it is told: at once or slowly, private or shared, mapped or in files of the
kernel's memory that nothing has mapped."""

import mmap

CHUNK = 32 * 2**20
MOST = GIVEN.get("most", 3) * 2**30  # whatever becomes of it, no more


def private():
    hoard.append(bytearray(b"x") * CHUNK)


def shared():
    region = mmap.mmap(-1, CHUNK)
    region.write(b"x" * CHUNK)
    hoard.append(region)


def file():
    fd = os.memfd_create("innocent")
    os.write(fd, b"x" * CHUNK)
    hoard.append(fd)


def in_children():
    reading, writing = os.pipe()
    if os.fork() == 0:
        for _ in range(8):
            private()
        os.write(writing, b"!")
        signal.pause()
    os.read(reading, 1)  # one after the other: twelve at once would be gigabytes at once
    hoard.extend([None] * 8)


hoard = []


def attack():
    while len(hoard) * CHUNK < MOST:
        globals()[GIVEN["how"]]()
        time.sleep(GIVEN["pause"])
    return ()
