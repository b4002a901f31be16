"""Makes the README's pictures of pages: `python tests/kit/page_pictures.py`.

They are of the class in `tests/golden`, light and dark.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":  # run from a clone, installed or not
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from playwright.sync_api import Browser  # noqa: E402 - after the path is set

from golden.rendering import copied_results, render_class  # noqa: E402
from kit.browser import opened, started  # noqa: E402

FOLDER = ROOT / ".github"

Colours = Literal["light", "dark"]
BOTH: tuple[Colours, ...] = ("light", "dark")


@dataclass(frozen=True)
class PagePicture:
    page: str
    """The page, below the folder of the class."""
    width: int
    height: int
    """Pixels of the picture: the page from its top."""


PICTURES: Mapping[str, PagePicture] = {
    "student-page": PagePicture("students/bob.html", 960, 1480),
}
"""By the beginning of the files' names."""


def file_of(name: str, colours: Colours) -> Path:
    return FOLDER / f"{name}-{colours}.png"


def take(browser: Browser, results: Path, name: str, colours: Colours) -> bytes:
    """The picture, as PNG."""
    wanted = PICTURES[name]
    with opened(browser, results / wanted.page, width=wanted.width, colours=colours) as shown:
        clip = {"x": 0.0, "y": 0.0, "width": wanted.width, "height": wanted.height}
        return shown.page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        results = copied_results(Path(folder))
        render_class(results)
        for name in PICTURES:
            for colours in BOTH:
                file = file_of(name, colours)
                file.write_bytes(take(browser, results, name, colours))
                print(f"{file.relative_to(ROOT)} is taken")


if __name__ == "__main__":
    main()
