"""What `check` shows on a terminal while it runs, and that nothing of it stays."""

from __future__ import annotations

import re

import pytest

from conformance.reports.run.progress import in_one_line
from conformance.run.doing import Doing, Phase
from kit.desk import Desk
from kit.terminal import HIDDEN, SHOWN, at_a_terminal, ended, screen

SILENT = """
    def answer(client, text):
        pass
"""
SECONDS = r" · \d+ s"


@pytest.mark.parametrize(
    ("doing", "words"),
    [
        (Doing(Phase.BUILDING), "building"),
        (Doing(Phase.WAITING), "waiting for another check on this machine to end"),
        (Doing(Phase.STARTING, todo=30), "starting the program · 0 of 30"),
        (Doing(Phase.JUDGING, ("4.2",), judged=12, todo=40), "4.2 · 12 of 40"),
        (Doing(Phase.JUDGING, ("4.2", "5.1"), todo=40), "4.2 with 1 other · 0 of 40"),
        (Doing(Phase.JUDGING, tuple("1234"), todo=40), "1 with 3 others · 0 of 40"),
        (Doing(Phase.JUDGING, judged=12, todo=40), "12 of 40"),
        (Doing(Phase.JUDGING, ("4.2",), True, 39, 40), "4.2, again and alone · 39 of 40"),
        (Doing(Phase.STARTING, (), True, 9, 10), "starting the program, again and alone · 9 of 10"),
    ],
)
def test_what_goes_on_in_one_line(doing: Doing, words: str) -> None:
    assert in_one_line(doing) == words
    assert len(words) + len(" · 600 s") < 60


def test_a_line_is_rewritten_and_is_gone_at_the_end(desk: Desk) -> None:
    with at_a_terminal(desk, "check", desk.echo(), "--lab", "echo", "--only", "1,3.2") as child:
        child.expect(f"building{SECONDS}")
        child.expect(f"1.1 · 0 of 3{SECONDS}")
        child.expect(f"1.2 · 1 of 3{SECONDS}")
        assert ended(child) == 0
    sent = child.logfile_read.text
    assert sent.count(HIDDEN) == sent.count(SHOWN) == 1
    left = "\n".join(screen(sent))
    assert not re.search(SECONDS, left.partition("points")[0])
    assert [row for row in screen(sent) if "✓" in row] == [
        "  ✓ 1     Listening: 1.1, 1.2                            1/1",
        "  ✓ 3.2   answers at once                       MUST     2/2",
    ]


def test_after_ctrl_c_the_terminal_is_as_it_was(desk: Desk) -> None:
    with at_a_terminal(desk, "check", desk.echo(SILENT), "--lab", "echo") as child:
        child.expect(rf"of \d+{SECONDS}")
        child.sendintr()
        assert ended(child) == 3
    sent = child.logfile_read.text
    assert sent.rindex(SHOWN) > sent.rindex(HIDDEN)
    left = screen(sent)
    assert not [row for row in left if re.search(rf"of \d+{SECONDS}", row)]
    assert [row for row in left if row.startswith("Interrupted: only")]


def test_ctrl_c_while_it_is_built(desk: Desk) -> None:
    folder = desk.folder / "slow"
    folder.mkdir()
    desk.echo(name="slow/server.py")
    (folder / "submission.toml").write_text(
        'lab = "echo"\nbuild = ["sleep", "98765"]\ncommand = ["python3", "server.py"]\n'
    )
    with at_a_terminal(desk, "check", folder) as child:
        child.expect(f"building{SECONDS}")
        child.expect(r"building · 1 s")
        child.sendintr()
        assert ended(child) == 3
    sent = child.logfile_read.text
    assert sent.rindex(SHOWN) > sent.rindex(HIDDEN)
    assert [row for row in screen(sent) if row] == ["conformance: interrupted"]


@pytest.mark.parametrize("colours", ["", "1"])
def test_where_no_line_can_be_rewritten_there_is_none(desk: Desk, colours: str) -> None:
    checked = desk.call("check", desk.echo(), "--lab", "echo", "--only", "1.1", FORCE_COLOR=colours)
    assert checked.status == 0
    assert "building" not in checked.stdout + checked.stderr
    assert "\r" not in checked.stdout + checked.stderr


def test_nor_where_json_goes_to_the_terminal(desk: Desk) -> None:
    arguments = ["check", desk.echo(), "--lab", "echo", "--only", "1.1", "--json", "-"]
    with at_a_terminal(desk, *arguments) as child:
        assert ended(child) == 0
    assert "building" not in child.logfile_read.text
    assert HIDDEN not in child.logfile_read.text
