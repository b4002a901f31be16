from __future__ import annotations

import pytest

from conformance.sandbox import Isolation, Tier
from kit.trials import isolation_of


@pytest.fixture(scope="session", autouse=True)
def _preloaded(preloaded: None) -> None:
    """For all that forks here."""


@pytest.fixture(params=list(Tier))
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """Each tier in turn."""
    return isolation_of(request.param)


@pytest.fixture(params=[Tier.FULL, Tier.NETWORK])
def wired(request: pytest.FixtureRequest) -> Isolation:
    """Each tier that has hosts of its own."""
    return isolation_of(request.param)


@pytest.fixture
def full() -> Isolation:
    return isolation_of(Tier.FULL)
