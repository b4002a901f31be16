"""Opens 10,000 sockets: listening, bound, in pairs; in as many processes as that takes."""


def attack():
    for _ in range(4):
        if os.fork() == 0:
            held = []
            try:
                while len(held) < 2500:
                    held.append(socket.create_server(("", 0)))
            except OSError:
                pass
            signal.pause()
    return ()
