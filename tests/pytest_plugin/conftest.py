from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.door import Door
from kit.installation import Installation, install


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed") / "venv"
    install(folder)
    return folder


@pytest.fixture
def installation(environment: Path) -> Iterator[Installation]:
    """A Python with the suite. When the test ends, no run may have left anything behind."""
    temporary = Path(tempfile.mkdtemp(prefix="plugin-", dir="/tmp"))  # a socket's path is short
    temporary.chmod(0o755)  # the sessions' users go through it
    yield Installation(environment, temporary)
    left = [path.name for path in temporary.glob("conformance-*")]
    shutil.rmtree(temporary)
    assert not left, "a run left its scratch folder behind"


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as opened:
        yield opened
