from __future__ import annotations

import io
import re
import threading
from dataclasses import replace

import pytest
from rich.console import Console

from conformance.classes.grading.check_all import Watcher
from conformance.classes.model import HandIn, Result, Total
from conformance.reports.classes.progress import progress
from kit.sample_class import ALICES, CLASS, REDS, RESULTS, WORST_CLASS, WORST_RESULTS, many

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""Colours, and the movements of the cursor that redraw a bar."""

RUN = [result for result in RESULTS if result.hand_in.path]


class Screen(io.StringIO):
    """A file that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def plain(*, width: int = 80, encoding: str = "utf-8") -> tuple[Watcher, io.BytesIO]:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="", write_through=True)
    return progress(Console(file=file, width=width)), raw


def screen(*, width: int = 80, clock: Clock | None = None) -> tuple[Watcher, Screen]:
    file = Screen()
    console = Console(file=file, width=width, force_terminal=True, get_time=clock or Clock())
    return progress(console), file


def shown(file: Screen) -> list[str]:
    """What stood on the screen, each state of the bar a line of its own."""
    return [line.rstrip() for line in re.split(r"[\r\n]+", ESCAPE.sub("", file.getvalue()))]


def end(watcher: Watcher, results: list[Result]) -> None:
    for result in results:
        watcher.started(result.hand_in)
        for _ in result.run.verdicts if result.run else ():
            watcher.judged(result.hand_in)
        watcher.ended(result.hand_in, result)


def test_without_a_terminal_a_hand_in_is_a_line() -> None:
    watcher, file = plain()
    watcher.began(CLASS, len(RUN), 7)
    end(watcher, RUN[:1])
    watcher.started(REDS)
    watcher.started(replace(REDS, lab="streaming-time"))
    watcher.repeating_alone(2)
    end(watcher, RUN[1:])
    watcher.closed()
    assert (
        file.getvalue().decode()
        == """\
Network programming: 3 to grade, 7 results still hold
  1/3 ? alice (Zoë Müller) echo 6 of 9, provisional
All else has ended; in doubt, and repeated alone: red (Bob Ross, Chloe) echo, red (Bob Ross, Chloe) streaming-time
  2/3 ✓ red (Bob Ross, Chloe) echo 6 of 6
  3/3 ✓ red (Bob Ross, Chloe) streaming-time 6 of 6
"""  # noqa: E501 - a line of output
    )


def test_each_line_is_there_as_soon_as_the_hand_in_has_ended() -> None:
    watcher, file = plain()
    watcher.began(CLASS, 2, 0)
    before = file.getvalue()
    watcher.started(REDS)
    assert file.getvalue() == before
    watcher.ended(REDS, RUN[1])
    assert file.getvalue().decode().endswith("1/2 ✓ red (Bob Ross, Chloe) echo 6 of 6\n")


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (replace(RUN[1], run=replace(RUN[0].run, verdicts=RUN[0].run.verdicts[4:5])),  # type: ignore[type-var,union-attr]
         "1/9 ✗ red echo 2 of 3"),
        (replace(RUN[1], run=replace(RUN[0].run, verdicts=())),  # type: ignore[type-var]
         "1/9 ? red echo 0 of 0, provisional"),
        (replace(RUN[0], hand_in=REDS, total=Total(7, 9, "seen")),
         "1/9 ✗ red echo 7 of 9, corrected by hand"),
        (replace(RUN[0], hand_in=REDS, total=Total(9, 9, "seen")),
         "1/9 ✓ red echo 9 of 9, corrected by hand"),
        (Result(REDS, None, trouble="it did not end in time", blame="suite"),
         "1/9 ? red echo it did not end in time"),
        (Result(REDS, None, trouble="no such archive", blame="student"),
         "1/9 ✗ red echo no such archive"),
    ],
)  # fmt: skip
def test_what_became_of_it_has_its_mark(result: Result, line: str) -> None:
    watcher, file = plain()
    watcher.began(CLASS, 9, 0)
    watcher.ended(REDS, result)
    told = file.getvalue().decode().splitlines()[-1]
    assert told.replace(" (Bob Ross, Chloe)", "") == f"  {line}"


def test_a_sentence_about_a_hand_in_is_not_cut() -> None:
    told = f"two: submission.toml: there is no key {'x' * 30}; a manifest has command, build, port"
    watcher, file = plain()
    watcher.began(CLASS, 9, 0)
    watcher.ended(REDS, Result(REDS, None, trouble=told, blame="student"))
    assert told in file.getvalue().decode()


def test_of_many_in_doubt_the_first_are_named() -> None:
    graded, results = many(30, absent=0)
    watcher, file = plain()
    watcher.began(graded, len(results), 0)
    for result in results:
        watcher.started(result.hand_in)
    watcher.repeating_alone(60)
    told = file.getvalue().decode().splitlines()[-1]
    assert "repeated alone: s0000 (Student 0) echo, s0000 (Student 0) streaming-time, " in told
    assert told.endswith("s0004 (Student 4) streaming-time and 50 more")


def test_an_interrupted_grading_says_how_to_go_on() -> None:
    for watcher, file in (plain(), screen()):
        watcher.began(CLASS, 5, 0)
        end(watcher, RUN[:1])
        watcher.started(REDS)
        watcher.closed()
        value = file.getvalue()
        text = value if isinstance(value, str) else value.decode()
        assert text.count("Stopped after 1 of 5; the next call goes on from here.") == 1


def test_nothing_to_do_is_said_and_draws_nothing() -> None:
    for watcher, file in (plain(), screen()):
        watcher.began(CLASS, 0, 10)
        watcher.closed()
        value = file.getvalue()
        text = ESCAPE.sub("", value if isinstance(value, str) else value.decode())
        assert text == "Network programming: 0 to grade, 10 results still hold\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
@pytest.mark.parametrize("width", [40, 80])
def test_a_hostile_class_reaches_no_runner(encoding: str, width: int) -> None:
    watcher, file = plain(encoding=encoding, width=width)
    watcher.began(WORST_CLASS, 2, 0)
    end(watcher, [*WORST_RESULTS, Result(WORST_CLASS.hand_ins[1], None, trouble="::error::t\n::x")])
    watcher.closed()
    lines = file.getvalue().decode(encoding).split("\n")
    assert len(lines) == 4
    for line in lines:
        assert not line or line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_a_runner_that_wants_colours_gets_lines() -> None:
    file = io.StringIO()
    watcher = progress(Console(file=file, force_terminal=True, width=80))
    watcher.began(CLASS, 3, 0)
    end(watcher, RUN)
    watcher.closed()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue()).splitlines()
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_shows_done_running_failed_and_the_time_left(width: int) -> None:
    clock = Clock()
    graded, results = many(100, absent=0)
    watcher, file = screen(width=width, clock=clock)
    watcher.began(graded, len(results), 0)
    for result in results[:50]:
        clock.now += 1
        end(watcher, [result])
    for result in results[50:53]:
        watcher.started(result.hand_in)
    clock.now += 1
    watcher.judged(results[50].hand_in)
    bar = shown(file)[-1]
    watcher.closed()
    assert "50/200" in bar
    assert "3 running · 0 failed · 0 open" in bar
    assert re.search(r"0[23]:\d\d left$", bar)
    assert len(bar) <= width


def test_a_terminal_shows_who_could_not_be_judged_above_the_bar() -> None:
    watcher, file = screen()
    watcher.began(CLASS, 3, 0)
    end(watcher, RUN)
    watcher.closed()
    lines = shown(file)
    assert "  1/3 ? alice (Zoë Müller) echo 6 of 9, provisional" in lines
    assert not [line for line in lines if "✓" in line]
    assert "3/3 0 running · 0 failed · 1 open" in lines[-2]


def test_a_terminal_says_when_what_was_in_doubt_is_repeated() -> None:
    watcher, file = screen()
    watcher.began(CLASS, 3, 0)
    watcher.started(ALICES)
    watcher.repeating_alone(1)
    assert "1 running alone" in shown(file)[-1]
    assert [row for row in shown(file) if row.endswith("alone: alice (Zoë Müller) echo")]
    watcher.closed()


def test_one_that_is_held_again_is_running_once() -> None:
    watcher, file = screen()
    watcher.began(CLASS, 3, 0)
    watcher.started(ALICES)
    watcher.started(ALICES)
    watcher.repeating_alone(1)
    assert "1 running" in shown(file)[-1]
    watcher.closed()


def test_a_terminal_has_its_cursor_back_and_saw_colours_only() -> None:
    watcher, file = screen()
    watcher.began(WORST_CLASS, 2, 0)
    end(watcher, list(WORST_RESULTS))
    watcher.closed()
    text = file.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "\x1b" not in ESCAPE.sub("", text)
    assert "\x07" not in text


def test_the_bar_is_not_drawn_for_every_verdict() -> None:
    clock = Clock()
    watcher, file = screen(clock=clock)
    watcher.began(CLASS, 3, 0)
    watcher.started(ALICES)
    before = len(file.getvalue())
    for _ in RUN[0].run.verdicts:  # type: ignore[union-attr]
        watcher.judged(ALICES)
    assert len(file.getvalue()) == before
    clock.now += 1
    watcher.judged(ALICES)
    assert len(file.getvalue()) > before
    watcher.closed()


def test_there_is_no_thread_that_a_fork_would_lose() -> None:
    before = set(threading.enumerate())
    watcher, _ = screen()
    watcher.began(CLASS, 3, 0)
    watcher.started(HandIn("x", "echo", None))
    assert set(threading.enumerate()) <= before
    watcher.closed()
