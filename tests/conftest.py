"""What holds for all tests, wherever they run."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from conformance.sandbox import preload
from kit.desk import Desk, clean_desk, one_at_a_time, this_machines_ports

# Any example stands still now and then, on a busy machine.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

# Where a run of the tests ignores them (in the background, by nohup), all that it starts would.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler)

# What tests show does not depend on the terminal, or the runner, that they are run at, if any.
os.environ["TERM"] = "xterm-256color"
os.environ["LC_ALL"] = "C.UTF-8"  # and is in English
for name in (
    "NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES",
    "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY",
):  # fmt: skip
    os.environ.pop(name, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slow ones first, so that no worker is left with one when all others are done. Each
    worker of `--dist worksteal` begins with an equal part of the list: each has its share."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = [item for item in items if not item.get_closest_marker("slow")]
    left, items[:] = len(items), []
    for worker in range(workers):
        part = left // (workers - worker)
        left -= part
        first = slow[worker::workers]
        room = max(0, part - len(first))
        items += [*first, *others[:room]]
        del others[:room]
    items += others


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how much was tried of what students could have written."""
    passed = terminalreporter.stats.get("passed", [])
    tried = [number for report in passed for name, number in report.user_properties
             if name == "fuzzed"]  # fmt: skip
    if tried:
        texts = f"{sum(tried):,} texts that students could have written"
        terminalreporter.write_line(f"{texts}: each was read, or refused in a sentence")
    by_hand = [counts for report in passed for name, counts in report.user_properties
               if name == "seen by hand"]  # fmt: skip
    if by_hand:
        shown, failures = map(sum, zip(*by_hand, strict=True))
        share = f"{shown} of {failures} failures of mutants ({shown / max(1, failures):.0%})"
        terminalreporter.write_line(f"{share} were seen by hand; the others have no command")


@pytest.fixture(autouse=True)
def _one_heavy_test_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each takes the whole machine."""
    if request.node.get_closest_marker("heavy") is None:
        yield
        return
    with one_at_a_time("heavy-tests-of-conformance.lock"):
        yield


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in, where `conformance` is called as a user calls it: as a process of
    its own. Afterwards nothing of the checks may be left."""
    with clean_desk() as desk:
        yield desk


@pytest.fixture
def tier_none() -> Iterator[dict[str, str]]:
    """The environment in which a check has tier none, with this machine's ports for its own."""
    with this_machines_ports():
        yield {"CONFORMANCE_TIER": "none"}


@pytest.fixture(scope="session")
def preloaded() -> None:
    """Imported before anything forks: a session's worker may become a user who cannot."""
    preload()


@pytest.fixture
def scratch(preloaded: None) -> Iterator[Path]:
    """A session's folder with a working copy `work` in it, which other users can reach.

    Not pytest's tmp_path: only its owner may enter that.
    """
    folder = Path(tempfile.mkdtemp(prefix="conformance-test-"))
    folder.chmod(0o711)
    (folder / "scratch" / "work").mkdir(parents=True)
    yield folder / "scratch"
    shutil.rmtree(folder)
