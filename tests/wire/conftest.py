from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.sandbox import preload


@pytest.fixture(scope="session", autouse=True)
def _preloaded() -> None:
    preload()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that other users can reach: a session's worker may become another."""
    folder = Path(tempfile.mkdtemp(prefix="wire-test-"))
    folder.chmod(0o711)
    (folder / "scratch").mkdir()
    yield folder / "scratch"
    shutil.rmtree(folder)
