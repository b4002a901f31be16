"""The files of /etc that a program sees in place of this machine's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from conformance.sandbox import bubblewrap


def write(
    folder: Path, hosts: Iterable[str], home: str = bubblewrap.HOME, *, name_server: str = ""
) -> None:
    """Writes them into `folder`. `hosts`: more lines of the hosts file. `name_server`: its address;
    "" where there is none."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", *hosts]
    looked_up = "files dns" if name_server else "files"
    no_server = "# No name server: names come from /etc/hosts."
    for name, text in {
        "hosts": "\n".join(lines),
        "passwd": "root:x:0:0:root:/root:/bin/sh\n"
        f"student:x:1000:1000:student:{home}:/bin/sh\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
        "group": "root:x:0:\nstudent:x:1000:\nnogroup:x:65534:",
        "nsswitch.conf": f"passwd: files\ngroup: files\nhosts: {looked_up}\nservices: files\n"
        "protocols: files",
        "resolv.conf": f"nameserver {name_server}" if name_server else no_server,
        "hostname": bubblewrap.HOST_NAME,
    }.items():
        file = folder / name
        file.write_text(f"{text}\n", encoding="utf-8")
        file.chmod(0o644)  # whatever the umask says
