"""Writes 1 GB on its stdout, or its stderr, with line ends or without."""


def attack():
    chunk = GIVEN["text"].encode() * 65536
    out = GIVEN["stream"]

    def flood():
        for _ in range(10**9 // len(chunk)):
            os.write(out, chunk)

    threading.Thread(target=flood, daemon=True).start()
    return ()
