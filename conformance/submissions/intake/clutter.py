"""Files in a submission that are not the student's work.

Leftovers are what systems and editors write by themselves. Clutter is what tools can make again:
version control, virtual environments, build outputs. Both are known by their names; a name that a
source could have is neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set

CLUTTER = frozenset({
    ".git", ".svn", ".hg", "__pycache__", ".idea", ".vscode", ".vs", ".gradle", ".venv",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".ipynb_checkpoints",
    "__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini",
})  # fmt: skip
NODE_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json"})
MAX_LIBRARIES = 5_000
"""A node_modules folder with at most so many files is kept and copied for each launch: npm would be
slower."""

_FILES = frozenset({
    ".ds_store", ".localized", ".lsoverride", ".apdisk", ".volumeicon.icns", "icon\r",
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".directory",
})  # fmt: skip
_FOLDERS = frozenset({
    "__macosx", ".appledouble", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems",
    ".documentrevisions-v100", "$recycle.bin", "system volume information", "@eadir",
})  # fmt: skip
_LEFT_BESIDE = re.compile(
    r"\._.*"  # AppleDouble: what macOS knows of a file, where a disk or an archive cannot keep it
    r"|.*[:\uf03a]zone\.identifier(:\$data)?"  # Windows: that a file was downloaded
    r"|(\..*)?\.sw[a-p]|\..*\.kate-swp|\.goutputstream-.*"  # swap files of vim, Kate, GNOME
    r"|.+~|#.+#|\.#.*"  # backups; Emacs: what is not saved, a lock (a link that leads nowhere)
    r"|~\$.*|\.~lock\..*#"  # Word and LibreOffice: who has it open
    r"|.*___jb_(tmp|old)___"
    r"|\.nfs[0-9a-f]{8,}|\.fuse_hidden[0-9a-f]+",  # removed while it was open
    re.DOTALL,
)

_VENV = frozenset({"bin", "scripts", "lib", "lib64", "include", "share", "etc", "pyvenv.cfg",
                   "cachedir.tag"})  # fmt: skip
"""What a virtual environment consists of, in lower case."""
_ACTIVATE = frozenset({"activate", "activate.bat"})


def is_leftover(name: str, *, folder: bool = False) -> bool:
    """Whether a system or an editor has left this; the case of letters does not matter."""
    small = name.lower()
    if folder:
        return small in _FOLDERS or re.fullmatch(r"\.trash-\d+", small) is not None
    return small in _FILES or _LEFT_BESIDE.fullmatch(small) is not None


def is_clutter(
    name: str,
    *,
    folder: bool,
    beside: Set[str],
    inside: Callable[[], Set[str]],
    is_large: Callable[[], bool],
) -> bool:
    """Whether a file or folder is not the student's work.

    `beside` names what is in the same folder, itself included; `inside` returns what a folder
    holds, nothing for a file; `is_large` whether it has more than MAX_LIBRARIES files.
    """
    if name in CLUTTER or is_leftover(name, folder=folder):
        return True
    if name == "target":
        return "pom.xml" in beside
    if name == "node_modules":
        return bool(NODE_LOCKS & beside) and is_large()  # npm ci installs it anew
    if "pyvenv.cfg" in beside:
        return _is_of_venv(name, inside)
    if not folder or "pyvenv.cfg" not in inside():
        return False
    # Many beginners make their virtual environment right among their sources.
    return all(each.lower() in _VENV or each.startswith(".") for each in inside())


def _is_of_venv(name: str, inside: Callable[[], Set[str]]) -> bool:
    """Whether this belongs to a virtual environment that was made among the sources."""
    if name.lower() in ("bin", "scripts"):
        return bool(_ACTIVATE & inside())
    if name.lower() in ("lib", "lib64"):
        return all(each.startswith("python") or each == "site-packages" for each in inside())
    return name == "pyvenv.cfg"
