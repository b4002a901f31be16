"""What is no stream of the time has no points; what is one, in another form, loses those of
its form. Of evidence made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.labs.streaming_time.stream import Stream
from conformance.verdict.violation import Kind, NotJudged
from kit.heard import BEGAN, FORM, QUESTIONS, date, every, paid, stream

OLD = FORM.replace("<date>", date(BEGAN - 900_000)) + "\n"
NO_STREAM: dict[str, tuple[list[float], str, float | None]] = {
    "the same word for ever, by CR": (every(0.1, 18), "x\r", None),
    "the same word for ever": (every(1.0, 18), "hello\n", None),
    "the same date of old for ever": (every(1.0, 18), OLD, None),
    "the same date of old, in haste": (every(0.0, 15), OLD, 0.1),
    "a banner": ([0.0], "Welcome\n", None),
    "a banner and the end": ([0.0], "Welcome\n", 0.1),
    "one right line": ([0.0], f"{{'time' : '{date(BEGAN)}'}}\n", None),
    "one right line and the end": ([0.0], f"{{'time' : '{date(BEGAN)}'}}\n", 0.1),
    "empty braces": (every(0.1, 18), "{}", None),
    "markup": (every(0.3, 18), "<time>12</time>", None),
    "NUL bytes": ([16.0], "\0", None),
    "a line a byte": ([20.0], "{'time' : '", None),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_STREAM)
def test_what_is_no_stream_has_no_points(name: str) -> None:
    """Two points are those of the gate, and of a host that others reach."""
    after, word, closed = NO_STREAM[name]
    heard = stream(after, closed=closed)
    plain = word.rstrip("\r\n")
    ends = word.endswith("\n")
    cut = closed is None and len(after) != 1
    heard = replace(
        heard,
        told=(plain,) * len(after),
        lines=(plain,) * len(after) if ends else (),
        rest="" if ends else word * len(after),
        cut=cut,
    )
    assert paid(heard).keys() == QUESTIONS.keys()


def test_what_was_cut_off_is_judged_as_far_as_it_came() -> None:
    """A line that was under way when nobody read on is none yet; one that has come is."""
    good = replace(stream(every(1.0, 18), closed=None), cut=True)
    assert replace(good, rest="{'time' : 'Sun").whole_lines() is None
    for rest in (good.told[0] + good.told[1], "x\rx\r"):
        assert replace(good, rest=rest, told=(*good.told[:1], rest)).whole_lines() is not None
    assert replace(good, lines=(), rest=good.told[0]).whole_lines() is not None


def test_within_what_is_no_date_the_dates_are_not_known() -> None:
    """Nobody read on, so the rest of that line is unknown."""
    cut = replace(stream(every(1.0, 3), closed=None), cut=True)
    assert replace(cut, rest="{'time' : 'Sun").right_time() is None
    with pytest.raises(NotJudged):
        replace(cut, rest="{'time' : '" + 1_000 * "x").right_time()


@pytest.mark.parametrize(
    "form",
    ['{"time" : "<date>"}', "{'time': '<date>'}", "<date>", " {'time' : '<date>'}",
     "\0{'time' : '<date>'}", "{'time' : '<date>'}\0"],
)  # fmt: skip
def test_another_form_costs_the_form_only(form: str) -> None:
    heard = stream(every(1.0), form=form)
    assert paid(heard) == {"2.2": Kind.FORM}
    violation = heard.whole_lines()
    assert violation is not None
    assert violation.expected == FORM.replace("<date>", date(BEGAN + 0.01))


def test_two_on_one_line_cost_the_form_only() -> None:
    good = stream(every(1.0))
    heard = replace(good, lines=(f"{good.lines[0]} {good.lines[1]}", *good.lines[2:]))
    assert paid(heard) == {"2.2": Kind.FORM}


@pytest.mark.parametrize("end", ["", "\r", "\0", " "])
def test_no_end_of_line_costs_the_form_only(end: str) -> None:
    good = stream(every(1.0))
    heard = replace(good, lines=(), rest="".join(line + end for line in good.lines))
    assert paid(heard) == {"2.2": Kind.FORM}


@pytest.mark.parametrize("beside", ["", "Welcome!", "sent 1 line"])
def test_other_lines_cost_the_form_only(beside: str) -> None:
    good = stream(every(1.0))
    lines = tuple(part for line in good.lines for part in (beside, line))
    assert paid(replace(good, lines=lines)) == {"2.2": Kind.FORM}
    assert paid(replace(good, rest="\0")) == {"2.2": Kind.FORM}


@pytest.mark.parametrize("number", [14, 15, 16])
def test_wrong_dates_beside_another_number_cost_both(number: int) -> None:
    """A clock that goes on as it should is one, though it is a month off, or no date at all."""
    closed = number + 0.1
    for form in ("%Y-%m-%d %H:%M:%S", "2026-20-22 %H:%M:%S", "2026-10-22 %H:%M:%S"):
        heard = stream(every(1.0, number), closed=closed)
        shown = (date(at + 9e6, form) for at in heard.times)
        told = tuple(FORM.replace("<date>", text) for text in shown)
        found = paid(replace(heard, told=told, lines=told))
        assert found.keys() == ({"2.7"} if number == 15 else {"2.5", "2.7"})


def test_beside_what_is_usual_only_what_is_not_counts() -> None:
    fourteen, thirteen = stream(every(1.0, 14)), stream(every(1.0, 13))
    assert fourteen.beside(fourteen, Stream.number_of_lines) is None
    assert fourteen.beside(stream(every(1.0)), Stream.number_of_lines) is not None
    assert fourteen.beside(thirteen, Stream.number_of_lines) is not None
    assert stream(every(1.0)).beside(thirteen, Stream.number_of_lines) is None
    endless = replace(stream(every(1.0, 18), closed=None), cut=True)
    assert endless.beside(replace(endless, told=endless.told[:17]), Stream.number_of_lines) is None
    slow, quick = stream(every(1.4)), stream(every(0.5))
    assert slow.beside(slow, Stream.rhythm) is None
    assert slow.beside(quick, Stream.rhythm) is not None
    assert slow.beside(stream(every(1.0)), Stream.rhythm) is not None
