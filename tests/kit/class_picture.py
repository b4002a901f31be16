"""Takes the README's picture of a class page: `python tests/kit/class_picture.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":  # run from a clone, installed or not
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from playwright.sync_api import Browser  # noqa: E402 - after the path is set

from conformance.classes.results.grades import grades  # noqa: E402
from conformance.reports.pages.class_page import class_page  # noqa: E402
from kit.browser import opened, started  # noqa: E402
from kit.large_class import NOTE, large_class  # noqa: E402

PICTURE = ROOT / ".github" / "class-page.png"

WIDTH = 1150
"""Pixels: a README shows no more."""

HEIGHT = 860
"""Pixels of the page that are shown, from `FROM` on."""

FROM = "h2#heat-1"

STUDENTS, CLAUSES = 28, 18


def pictured() -> str:
    """The page that the picture shows."""
    graded, results = large_class(STUDENTS, CLAUSES)
    return class_page(graded, results, grades(graded, results), {(NOTE.lab, NOTE.symptom): NOTE})


def take(browser: Browser) -> bytes:
    """The picture, as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index.html"
        file.write_text(pictured(), encoding="utf-8")
        with opened(browser, file, width=WIDTH) as shown:
            box = shown.page.locator(FROM).bounding_box()
            assert box is not None
            clip = {"x": 0.0, "y": box["y"] - 16, "width": float(WIDTH), "height": float(HEIGHT)}
            return shown.page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]


if __name__ == "__main__":
    with started() as running:
        PICTURE.write_bytes(take(running))
    print(f"{PICTURE.relative_to(ROOT)} is taken")
