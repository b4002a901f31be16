"""Programs that have passages in common are found, whatever was done to them; others are not."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from classes.alike.variants import (
    PROGRAMS,
    SAMPLES,
    VARIANTS,
    Variant,
    compared,
    explained,
    laid_out,
    names,
    padded,
    renamed,
    works_of,
)
from conformance.classes.alike.compare import compare
from conformance.classes.alike.sources import read_works

LANGUAGES = list(PROGRAMS)


def source(language: str) -> tuple[str, str]:
    """The text of the language's program, and the ending of its name."""
    path = PROGRAMS[language]
    return path.read_text(encoding="utf-8"), path.suffix


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_similar(language: str, variant: Variant, tmp_path: Path) -> None:
    text, suffix = source(language)
    changed = variant(text, language)
    assert changed != text
    found = compared(tmp_path, {f"ann{suffix}": text, f"bob{suffix}": changed})
    [pair] = found.pairs
    assert max(pair.of_one, pair.of_other) > 0.9


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_layout_and_comments_make_no_difference_at_all(language: str, tmp_path: Path) -> None:
    text, suffix = source(language)
    changed = laid_out(explained(renamed(text, language), language), language)
    found = compared(tmp_path, {f"ann{suffix}": text, f"bob{suffix}": changed})
    [pair] = found.pairs
    assert pair.similar == 1


def test_another_order_of_functions_is_found(tmp_path: Path) -> None:
    text, _ = source("python")
    head, *functions = text.split("\n\n\n")
    *functions, main = functions
    turned = "\n\n\n".join([head, *functions[::-1], main])
    found = compared(tmp_path, {"ann.py": text, "bob.py": renamed(turned, "python")})
    [pair] = found.pairs
    assert pair.similar > 0.75
    assert len(pair.passages) >= 3
    lines = [(pair.one.lines[p.one], pair.other.lines[p.other]) for p in pair.passages]
    assert any(one < other for one, other in lines)
    assert any(one > other for one, other in lines)


def test_independent_programs_are_not_listed_above_a_variant(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    text, _ = source("java")
    (tmp_path / "variant.java").write_text(renamed(text, "java"))
    named = [(path.name, path) for path in sorted(SAMPLES.iterdir()) if path.name != "README.md"]
    works = list(read_works([*named, ("variant", tmp_path / "variant.java")], scratch))
    found = compare("echo", works)
    first, *others = found.pairs
    assert names(found)[0] == ("hugo.java", "variant")
    assert first.similar > 0.95
    assert all(pair.similar < 0.5 for pair in others)


def test_what_the_teacher_has_handed_out_is_nobodys_own(tmp_path: Path) -> None:
    text, _ = source("python")
    works = works_of(
        tmp_path, {"ann.py": text, "bob.py": renamed(text, "python"), "given.py": text}
    )
    *handed_in, given = works
    assert names(compare("echo", handed_in)) == [("ann", "bob")]
    assert not compare("echo", handed_in, base=[given]).pairs


def test_a_reference_is_found_and_makes_nobody_similar_to_another(tmp_path: Path) -> None:
    text, _ = source("java")
    programs = {"ann.java": text, "bob.java": renamed(text, "java")}
    works = works_of(tmp_path, programs)
    (tmp_path / "Reference.java").write_text(text)
    reference = list(
        read_works(
            [("Reference", tmp_path / "Reference.java")], tmp_path / "scratch", references=True
        )
    )
    found = compare("echo", works, reference)
    assert names(found) == [("ann", "Reference"), ("bob", "Reference")]
    assert all(pair.other.is_reference for pair in found.pairs)


def test_two_short_programs_are_listed_last_and_as_short(tmp_path: Path) -> None:
    """They are the same in all they have, and the long ones in most."""
    short = "import socket\n" + "".join(f"print(serve({n}, port))\n" for n in range(9))
    text, _ = source("python")
    programs = {"ann.py": short, "bob.py": short, "cy.py": text, "dan.py": padded(text, "python")}
    found = compared(tmp_path, programs)
    assert [(pair.one.name, pair.is_short) for pair in found.pairs] == [
        ("cy", False),
        ("ann", True),
    ]
    assert found.pairs[1].similar > found.pairs[0].similar


def test_what_most_have_is_stock_code(tmp_path: Path) -> None:
    text, _ = source("python")
    other, _ = source("javascript")
    programs = {f"s{n}.py": text for n in range(6)}
    alike = {"ann.js": other, "bob.js": renamed(other, "javascript")}
    assert names(compared(tmp_path, {**programs, **alike})) == [("ann", "bob")]


def test_a_few_who_share_are_found_in_a_small_class(tmp_path: Path) -> None:
    text, _ = source("python")
    programs = {f"s{n}.py": text for n in range(4)}
    assert len(compared(tmp_path, programs).pairs) == len(list(combinations(programs, 2)))


def test_many_who_share_hide_nobody(tmp_path: Path) -> None:
    texts = {language: source(language)[0] for language in ("python", "java", "c")}
    many = {f"m{n:03}.py": texts["python"] for n in range(70)}
    others = {f"o{n:03}.py": f"print({n})\n" * 40 for n in range(60)}
    pair = {"ann.java": texts["java"], "bob.java": renamed(texts["java"], "java")}
    found = compared(tmp_path, {**many, **others, **pair})
    assert ("ann", "bob") in names(found)
    listed = {name for both in names(found) for name in both}
    assert {Path(name).stem for name in many} <= listed


def test_a_folder_is_compared_with_a_single_file(tmp_path: Path) -> None:
    text, _ = source("python")
    functions = text.split("\n\n\n")
    folder = tmp_path / "bob"
    folder.mkdir()
    for number, part in enumerate(functions):
        (folder / f"part{number}.py").write_text(part)
    (tmp_path / "ann.py").write_text(text)
    (tmp_path / "scratch").mkdir()
    named = [("ann", tmp_path / "ann.py"), ("bob", folder)]
    found = compare("echo", list(read_works(named, tmp_path / "scratch")))
    [pair] = found.pairs
    files = {pair.other.file_of(passage.other).name for passage in pair.passages}
    assert len(files) > 2


# -- hostile hand-ins ----------------------------------------------------------------


def test_hostile_sources_stop_nothing(tmp_path: Path) -> None:
    text, _ = source("python")
    programs: dict[str, str | bytes] = {
        "ann.py": text,
        "binary.py": bytes(range(256)) * 400,
        "bob.py": text,
        "deep.java": "(" * 100_000,
        "empty.py": b"",
        "huge.py": b"x = 1\n" * 200_000,
        "long.js": 'a = "' + "\\" * 200_000,
        "opened.c": "/*" * 100_000,
        "quotes.py": 'f"' * 100_000,
        "wide.py": "\ufeffx = 1\n".encode("utf-16"),
        "zeros.c": b"\0" * 200_000,
        "zip.zip": b"PK\x03\x04 no zip at all",
    }
    found = compared(tmp_path, programs)
    assert ("ann", "bob") in names(found)
    why = {work.name: work.trouble for work in found.works if work.trouble}
    assert "too large to be compared: huge.py" in why["huge"]
    assert "cannot be unpacked" in why["zip"]
    assert why["empty"]


def test_a_hand_in_of_many_files_is_compared_as_far_as_there_is_room(tmp_path: Path) -> None:
    folder = tmp_path / "ann"
    folder.mkdir()
    for number in range(40):
        (folder / f"part{number:02}.py").write_text("# nothing but words\n" * 10_000)
    (tmp_path / "scratch").mkdir()
    [work] = read_works([("ann", folder)], tmp_path / "scratch")
    assert len(work.files) == 10
    assert "part10.py" in work.trouble


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "ann"
    folder.mkdir()
    (tmp_path / "secret.py").write_text(source("python")[0])
    (folder / "server.py").symlink_to(tmp_path / "secret.py")
    (folder / "real.py").write_text("print(1)\n")
    (tmp_path / "scratch").mkdir()
    [work] = read_works([("ann", folder)], tmp_path / "scratch")
    assert [file.name for file in work.files] in (["real.py"], [])


def test_nothing_of_it_is_left_on_the_disk(tmp_path: Path) -> None:
    works_of(tmp_path, {"ann.py": "print(1)\n"})
    assert not any((tmp_path / "scratch").iterdir())
