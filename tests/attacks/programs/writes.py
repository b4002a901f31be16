"""Writes where it must not: results, scenarios, /etc, the system, the checkout; mounts, makes
namespaces, devices and programs that run as somebody else."""

import ctypes


def attempts():
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name, *arguments):
        if getattr(libc, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)

    # In its own /tmp it may make what it likes: what counts then is what the test finds.
    there = {path for path in GIVEN["paths"] if os.path.lexists(path)}
    for path in GIVEN["paths"]:
        for what, do in {
            "wrote into": lambda: open(f"{path}/owned", "w"),
            "wrote over": lambda: open(path, "a"),
            "removed": lambda: os.rename(path, f"{path}-gone"),
            "made": lambda: os.makedirs(f"{path}/owned"),
        }.items():
            yield f"{what} {path}" if path in there else "", do
    for path in ("/etc/passwd", "/etc/hosts", "/usr/bin/python3", "/proc/sysrq-trigger",
                 "/proc/sys/kernel/core_pattern", "/proc/1/oom_score_adj", "/proc/1/mem"):  # fmt: skip
        yield f"wrote over {path}", lambda path=path: open(path, "a")
    bind, remount = 0x1000, 0x20
    yield "mounted", lambda: call("mount", b"/tmp", b"/etc", None, bind, None)
    yield "mounted it anew", lambda: call("mount", None, b"/usr", None, bind | remount, None)
    yield "unmounted", lambda: call("umount2", b"/etc/hosts", 2)
    yield "changed its root", lambda: os.chroot("/tmp")
    yield "made a user namespace", lambda: call("unshare", 0x10000000)
    yield "made a device", lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0))
    yield "changed its user", lambda: os.setuid(0)
    yield "changed its group", lambda: os.setgroups([0])
    yield "changed the clock", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time())
    yield "changed the host's name", lambda: socket.sethostname("owned")
    yield "raised its limits", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))
    yield "raised its priority", lambda: os.nice(-5)


def attack():
    for done, do in attempts():
        try:
            do()
            if done:
                yield done
        except OSError:
            pass
        except ValueError:
            pass


import resource  # noqa: E402
