"""Makes the system calls that no submission may, by a program in C that it has brought along."""

import subprocess


def attack():
    path = os.path.abspath("calls")
    with open(path, "wb") as file:
        file.write(bytes.fromhex(GIVEN["program"]))
    os.chmod(path, 0o755)
    done = subprocess.run([path, *GIVEN["calls"]], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        if "it worked" in line:
            yield line
