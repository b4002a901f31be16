"""Listens in, and sends what is not its own: packet and raw sockets, a device of its own, a
second address, an interface in promiscuous mode, the addresses of others."""

import fcntl

PROMISCUOUS, GET_FLAGS, SET_FLAGS, SET_ADDRESS, TUN = 0x100, 0x8913, 0x8914, 0x8916, 0x400454CA


def attempts():
    def change(request, data):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, request, data)

    def transparent():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spoof:
            spoof.setsockopt(socket.SOL_IP, 19, 1)  # IP_TRANSPARENT

    def tun():
        with open("/dev/net/tun", "r+b", buffering=0) as device:
            fcntl.ioctl(device, TUN, struct.pack("16sH", b"tun0", 1))

    def as_the_suite():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spoof:
            spoof.bind(("10.9.9.2", 0))

    for family, kind, protocol in [
        (socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)),
        (socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)),
        (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
        (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP),
        (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        (socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_TCP),
    ]:
        yield (
            f"socket {family} {protocol}",
            lambda *a, of=(family, kind, protocol): socket.socket(*of),
        )
    yield "promiscuous", lambda: change(SET_FLAGS, struct.pack("16sH14x", b"eth0", PROMISCUOUS | 1))
    address = socket.inet_aton("10.9.9.3")
    yield (
        "another address",
        lambda: change(SET_ADDRESS, struct.pack("16sHH4s8x", b"eth0", socket.AF_INET, 0, address)),
    )
    yield "transparent", transparent
    yield "tun", tun
    yield "the suite's address", as_the_suite


def attack():
    for done, do in attempts():
        try:
            do()
            yield done
        except OSError:
            pass
