"""`conformance check` as a user calls it: a process of its own, in a folder of its own,
after which nothing may be left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import Desk, clean_desk, this_machines_ports


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes long on a small machine")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in; afterwards nothing of the checks may be left."""
    with clean_desk() as desk:
        yield desk


@pytest.fixture
def tier_none() -> Iterator[dict[str, str]]:
    """The environment in which a check has tier none, with this machine's ports for its own."""
    with this_machines_ports():
        yield {"CONFORMANCE_TIER": "none"}
