"""Archives and folders of any entries, links and names: nothing outside is ever written, and
nothing that is made leads out, whoever unpacks it."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.submissions import open_submission
from conformance.submissions.intake.limits import MAX_ENTRIES
from conformance.submissions.intake.listing import Member, MemberKind
from conformance.submissions.intake.safe_paths import judge
from conformance.verdict.model import WrongCall
from kit.packing import Item, file, inside, zipped

OUTSIDE = "@"
"""In names and aims: the path of a folder outside."""

PARTS = st.sampled_from(
    [
        *("a", "b", "c", "up", "here", "a.py", "server.py", "pom.xml", "target", "pyvenv.cfg"),
        *("..", "../..", ".", "", "/", "\\", "..\\", "C:", OUTSIDE, f"{OUTSIDE}/secret"),
        *(".git", "._a", "__MACOSX", "é", "\udcff", "x" * 300, "\n", "-rf", "a/b/c"),
        *("given", "scratch", "handed-in", "unpacked-1", "outside"),
    ]
)
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)
LIKELY = st.lists(st.sampled_from(["a", "b", "c", "up"]), min_size=1, max_size=3).map("/".join)
UP = st.lists(st.sampled_from(["..", "a", "b", "up", "."]), min_size=1, max_size=5).map("/".join)
KINDS = [*["link"] * 12, *["file"] * 6, *["folder"] * 3, "hard link", "pipe", "device"]
ITEMS = st.lists(
    st.builds(
        Item,
        name=st.one_of(*[LIKELY] * 24, PATHS),
        kind=st.sampled_from(KINDS),
        aim=st.one_of(*[UP, LIKELY] * 8, PATHS, st.sampled_from(["", f"{OUTSIDE}/secret"])),
        mode=st.sampled_from([0o644, 0o755, 0o4755, 0o2777, 0]),
    ),
    max_size=10,
)


def snapshot(top: Path, *, without: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder, but for one in it."""
    seen: dict[str, tuple[object, ...]] = {}
    for parent, folders, files in os.walk(top):
        folders[:] = [name for name in folders if Path(parent, name) != without]
        for path in (Path(parent, name) for name in (*folders, *files)):
            status = path.lstat()
            holds = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
            seen[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns, holds)
    return seen


def is_contained(scratch: Path) -> None:
    """What was made is in the two folders for it, harmless, and leads nowhere else."""
    assert {path.name.split("-")[0] for path in scratch.iterdir()} <= {"handed", "unpacked"}
    count = 0
    for top in [top for kind in scratch.iterdir() for top in kind.iterdir()]:
        for parent, folders, files in os.walk(top):
            for path in (Path(parent, name) for name in (*folders, *files)):
                count += 1
                mode = path.lstat().st_mode
                assert stat.S_ISLNK(mode) or stat.S_ISREG(mode) or stat.S_ISDIR(mode)
                assert stat.S_ISLNK(mode) or not mode & (stat.S_ISUID | stat.S_ISGID)
                assert Path(os.path.realpath(path)).is_relative_to(top.resolve()), path
    assert count <= MAX_ENTRIES


def at(base: Path, item: Item) -> Item:
    there = str(base / "outside")
    return Item(
        item.name.replace(OUTSIDE, there),
        item.kind,
        item.aim.replace(OUTSIDE, there),
        item.content,
        item.mode,
    )


def lay_out(folder: Path, items: list[Item]) -> None:
    """A folder as a student may have it on a disk, with what of it can be made there."""
    folder.mkdir()
    for item in items:
        place = folder / item.name.replace("\\", "/").replace("..", "up").lstrip("/")
        try:
            if not Path(os.path.realpath(place.parent)).is_relative_to(folder.resolve()):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            if item.kind == "link":
                place.symlink_to(item.aim)
            elif item.kind == "pipe":
                os.mkfifo(place)
            elif item.kind == "folder":
                place.mkdir()
            elif item.kind == "file" and not os.path.lexists(place):
                place.write_bytes(item.bytes())
        except OSError:
            continue  # no disk holds it


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(ITEMS, st.sampled_from(["zip", "", "gz", "folder"]), st.booleans())
def never_outside(items: list[Item], form: str, wrapped: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="outside-") as name:
        base = Path(name).resolve()
        for part in ("outside", "given", "scratch"):
            (base / part).mkdir()
        (base / "outside" / "secret").write_text("secret")
        items = [file("server.py"), *(at(base, item) for item in items)]
        path = base / "given" / "ann"
        if form == "folder":
            lay_out(path, items)
        else:
            inside(items, form, path := path.with_suffix(f".{'zip' if form == 'zip' else 'tar'}"))
            if wrapped:
                path = zipped(base / "given" / "all.zip", file("ann.tar", path.read_bytes()))
        before = snapshot(base, without=base / "scratch")
        with contextlib.suppress(WrongCall):
            open_submission(path, base / "scratch")
        assert snapshot(base, without=base / "scratch") == before
        is_contained(base / "scratch")


@pytest.mark.slow
def test_nothing_outside_is_written() -> None:
    never_outside()


NOBODY = 65_534
CANNOT_READ = 77


def as_nobody(proof: Callable[[], None]) -> int:
    """The exit status of a process of an ordinary user that holds the proof."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        readable = os.access(__file__, os.R_OK) and os.access(sys.executable, os.X_OK)
        status = 0 if readable else CANNOT_READ
        if readable:
            proof()
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        sys.stderr.flush()
        os._exit(status)


@pytest.mark.skipif(os.geteuid() != 0, reason="the test above was not root's")
def test_nothing_outside_is_written_by_an_ordinary_user() -> None:
    status = as_nobody(never_outside)
    if status == CANNOT_READ:
        pytest.skip("the suite stands where an ordinary user cannot read it")
    assert status == 0


NAMES = st.sampled_from(["a", "b", "c"])
AIMS = st.lists(st.sampled_from(["a", "b", "c", "..", "..", "."]), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.tuples(NAMES | st.just("a/b"), AIMS.map("/".join)), max_size=6))
def test_links_lead_where_the_kernel_says(links: list[tuple[str, str]]) -> None:
    """A list of links is taken if each of them is there and leads to something inside."""
    listed = [Member(("d", "a"), MemberKind.FOLDER), Member(("d", "a", "c"), MemberKind.FOLDER)]
    with tempfile.TemporaryDirectory(prefix="links-") as name:
        top = Path(name).resolve() / "top"
        (top / "d" / "a" / "c").mkdir(parents=True)
        made = []
        for place, aim in links:
            path = top / "d" / place
            if not os.path.lexists(path):
                path.symlink_to(aim)
                made.append(path)
                listed.append(Member(path.relative_to(top).parts, MemberKind.LINK, aim=aim))
        good = all(
            path.exists() and Path(os.path.realpath(path)).is_relative_to(top) for path in made
        )
        try:
            assert len(judge(listed, "it").links) == len(made)
            taken = True
        except WrongCall:
            taken = False
        assert taken == good
