"""The README's pictures of pages are there, as large as they are taken."""

from __future__ import annotations

import struct

import pytest

from kit.page_pictures import BOTH, PICTURES, Colours, file_of


@pytest.mark.parametrize("colours", BOTH)
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_there(name: str, colours: Colours) -> None:
    picture = file_of(name, colours).read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n"), "take it: python tests/kit/page_pictures.py"
    wanted = PICTURES[name]
    assert struct.unpack(">II", picture[16:24]) == (wanted.width, wanted.height)
    assert len(picture) < 400_000  # bytes: a README is read on a telephone, too
