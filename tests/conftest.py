"""What holds for all tests, wherever they run."""

import os
import signal

from hypothesis import HealthCheck, settings

# Any example stands still now and then, on a busy machine.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

# Where a run of the tests ignores them (in the background, by nohup), all that it starts would.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler)

# What tests show on a terminal does not depend on the one that they are run at, if any.
os.environ["TERM"] = "xterm-256color"
for name in (
    "NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES",
):  # fmt: skip
    os.environ.pop(name, None)
