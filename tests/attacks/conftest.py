"""Submissions that mean harm: each attack fails, for root and for an ordinary user alike,
its neighbours notice nothing of it, and nothing of it is left."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from conformance.sandbox import Tier, probe
from kit.arena import Neighbour, User, can_read_the_suite, ordinary_user
from kit.desk import GONE_WITHIN, Desk, clean_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in; afterwards nothing of the checks may be left."""
    with clean_desk(GONE_WITHIN) as desk:
        yield desk


@pytest.fixture(scope="session", autouse=True)
def _full_tier() -> None:
    """What is proven here is what the full tier promises."""
    best = probe()
    if best.tier is not Tier.FULL:
        message = f"this machine has no tier full: {best.reason}; {best.remedy}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(params=["root", "an ordinary user"])
def user(request: pytest.FixtureRequest) -> User:
    """Who runs the suite: each in turn."""
    if request.param == "root":
        if os.geteuid() != 0:
            pytest.skip("not run by root")
        return User()
    ordinary = ordinary_user()
    if not can_read_the_suite(ordinary):
        pytest.skip("the suite stands where an ordinary user cannot read it")
    return ordinary


@pytest.fixture
def neighbour(desk: Desk, user: User) -> Neighbour:
    """A harmless server, whose check has just begun."""
    return Neighbour(desk, user)
