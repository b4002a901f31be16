"""Accepts every client, reads nothing, closes nothing, and does not go when it is asked to."""


def attack():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    return ()


def serve(client):
    time.sleep(1000)
