from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from trials import isolation_of

from conformance.sandbox import Isolation, Tier, preload


@pytest.fixture(scope="session", autouse=True)
def _preloaded() -> None:
    preload()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A session's folder with a working copy `work` in it, which other users can reach.

    Not pytest's tmp_path: only its owner may enter that.
    """
    folder = Path(tempfile.mkdtemp(prefix="conformance-test-"))
    folder.chmod(0o711)
    (folder / "scratch" / "work").mkdir(parents=True)
    yield folder / "scratch"
    shutil.rmtree(folder)


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
