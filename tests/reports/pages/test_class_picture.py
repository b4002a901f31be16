"""The README's picture of a class page is one, as large as it is taken."""

from __future__ import annotations

import struct

from playwright.sync_api import Browser

from kit.browser import browser
from kit.class_picture import HEIGHT, PICTURE, WIDTH, take

__all__ = ["browser"]


def size(png: bytes) -> tuple[int, int]:
    """Pixels across and down (PNG, 11.2.2: IHDR comes first)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    across, down = struct.unpack(">II", png[16:24])
    return across, down


def test_the_picture_is_taken_again_as_it_is_in_the_readme(browser: Browser) -> None:
    assert size(take(browser)) == size(PICTURE.read_bytes()) == (WIDTH, HEIGHT)
