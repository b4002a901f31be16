"""Leaves behind what it can: children in sessions of their own that ignore signals and have
closed everything, files, an abstract socket, a segment of System V shared memory; and locks
its folder, so that nobody can remove it."""

import ctypes

hoard = []


def attack():
    token = GIVEN["token"]
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                for number in range(1, 32):
                    if number not in (signal.SIGKILL, signal.SIGSTOP):
                        signal.signal(number, signal.SIG_IGN)
                os.closerange(0, 100)
                while True:
                    time.sleep(1000)
            os._exit(0)
    for where in ("/tmp", "/dev/shm", "/var/tmp", "/run"):
        try:
            open(f"{where}/{token}", "w").close()
        except OSError:
            pass
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        hoard.append(socket.socket(socket.AF_UNIX, kind))
        hoard[-1].bind(f"\0{token}-{kind}")
    ctypes.CDLL(None).shmget(GIVEN["key"], 4096, 0o1666)
    os.makedirs("locked/inside")
    os.chmod("locked", 0)
    return ()
