"""What holds for all tests, wherever they run."""

import os
import signal

import pytest
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


WHOLE_COMMANDS = {"desk", "classroom", "installation"}
"""Fixtures of tests that run the suite as a user does, which takes seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those first: else a worker would be left with some of them when all others are done."""
    items.sort(key=lambda item: not WHOLE_COMMANDS & {*getattr(item, "fixturenames", ())})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how much was tried of what students could have written."""
    passed = terminalreporter.stats.get("passed", [])
    tried = [number for report in passed for name, number in report.user_properties
             if name == "fuzzed"]  # fmt: skip
    if tried:
        texts = f"{sum(tried):,} texts that students could have written"
        terminalreporter.write_line(f"{texts}: each was read, or refused in a sentence")
