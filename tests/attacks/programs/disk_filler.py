"""Fills every place that it can write to: with large files, with removed files that it keeps
open, with empty files, with folders in folders."""

kept = []


def large(where):
    for number in range(8):
        with open(f"{where}/large-{number}", "wb") as file:
            for _ in range(200):
                file.write(bytes(2**20))


def removed(where):
    for _ in range(8):
        file = open(f"{where}/removed", "wb", buffering=0)
        os.unlink(file.name)
        kept.append(file)
        for _ in range(200):
            if file.write(bytes(2**20)) < 2**20:
                return


def empty(where):
    for number in range(100_000):
        open(f"{where}/empty-{number}", "wb").close()


def deep(where):
    os.chdir(where)
    for _ in range(100_000):
        os.mkdir("deep")
        os.chdir("deep")


def attack():
    home = os.getcwd()
    for where in (home, "/tmp", "/dev/shm", "/dev", "/run", "/var/tmp", "/"):
        for fill in (large, removed) if where != home else [globals()[GIVEN["how"]]]:
            try:
                fill(where)
            except OSError:
                pass
    taken = {os.stat(where).st_dev for where in ("/tmp", "/dev/shm", home)}
    for where in ("/dev", "/run", "/var/tmp", "/", "/usr", "/etc"):
        if os.stat(where).st_dev not in taken and os.access(where, os.W_OK):
            yield f"a place to fill: {where}"
    for where in ("/tmp", "/dev/shm", home):
        about = os.statvfs(where)
        size = about.f_blocks * about.f_frsize >> 20
        if size > 260:
            yield f"{where} has room for {size} MiB"
