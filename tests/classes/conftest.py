"""`conformance grade` as a teacher calls it, on small classes of quick servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.classroom import Classroom
from kit.desk import GONE_WITHIN, clean_desk


@pytest.fixture
def classroom() -> Iterator[Classroom]:
    """A class to fill, and a desk; afterwards nothing of the grading may be left: what an
    interrupted one has killed goes a moment after it."""
    with clean_desk(GONE_WITHIN) as desk:
        yield Classroom(desk)
