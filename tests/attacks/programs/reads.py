"""Looks for what is not its business: the suite, the scenarios, the references, what others
handed in, the results, homes, what others have in their environment."""

import importlib.util


def attack():
    for path in GIVEN["paths"]:
        if os.path.lexists(path):
            yield f"sees {path}"
    if importlib.util.find_spec("conformance"):
        yield "imports the suite"
    for where, folders, files in os.walk("/"):
        if where == "/":
            folders[:] = set(folders) - {"proc", "sys", "usr", "nix"}
        for name in {*folders, *files} & {"echo.md", "mutants.toml", "other-student"}:
            yield f"found {where}/{name}"
        for name in files:
            try:
                if 0 < os.path.getsize(f"{where}/{name}") < 100_000:
                    with open(f"{where}/{name}", "rb") as file:
                        if SECRET in file.read():
                            yield f"read the secret in {where}/{name}"
            except OSError:
                pass
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline", "maps"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    if SECRET in file.read():
                        yield f"read the secret in the {name} of {pid}"
            except OSError:
                pass
    for fd in range(256):
        try:
            target = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue
        if not target.startswith(("pipe:", "/dev/null")):
            yield f"has inherited {target}"
    for name in ("/proc/kcore", "/proc/1/root/root", "/proc/1/cwd/root", "/sys/kernel", "/dev/mem"):
        if os.access(name, os.R_OK):
            yield f"may read {name}"


SECRET = "-".join(GIVEN["secret"]).encode()  # not in one piece, or it would find itself
