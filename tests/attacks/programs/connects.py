"""Connects to whatever is not its own host: other submissions, the machine's loopback, the
world outside; over TCP, UDP, IPv6 and abstract Unix sockets."""

import select


def attack():
    waiting = {}
    for host, port in GIVEN["tcp"]:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        client = socket.socket(family, socket.SOCK_STREAM)
        client.setblocking(False)
        try:
            client.connect_ex((host, port))
            waiting[client] = f"{host} {port}"
        except OSError:
            pass
    for host, port in GIVEN["udp"]:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        client = socket.socket(family, socket.SOCK_DGRAM)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            client.sendto(b"attack", (host, port))
            waiting[client] = f"udp {host} {port}"
        except OSError:
            pass
    for name in GIVEN["unix"]:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            client.connect(f"\0{name}")
            yield f"unix {name}"
        except OSError:
            pass
    until = time.monotonic() + 1.5
    left = 1.5
    while waiting and left > 0:
        left = until - time.monotonic()
        readable, writable, _ = select.select(waiting, waiting, [], max(0, left))
        for client in {*readable, *writable}:
            if client.type == socket.SOCK_DGRAM and client not in readable:
                continue
            name = waiting.pop(client)
            try:
                client.getpeername() if client.type == socket.SOCK_STREAM else client.recv(100)
                yield name
            except OSError:
                pass
        time.sleep(0.01)
