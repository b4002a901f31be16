from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import cast

import pytest
from rich.console import Console

from conformance.reports.run.console import ConsoleReporter, render
from conformance.session.host import Host
from conformance.session.not_listening import not_listening
from conformance.verdict.hints import fitting
from conformance.verdict.model import Attempt, Common, Level, Outcome, Verdict
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.transcript import Entry, Transcript
from conformance.verdict.violation import Fault
from kit.runs import (
    ALICE,
    BEHIND_A_FAULT,
    BYE_IN_LOWER_CASE,
    LEFT_OUT,
    MODEL,
    NOISY,
    NOT_SHOWN,
    REACHABLE,
    alone,
    clause,
    passed,
    printed,
    said,
)

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
"""The colours that rich writes; nothing else may begin with an escape."""


def test_a_failure_reads_as_it_should() -> None:
    assert (
        printed(alone(BYE_IN_LOWER_CASE))
        == """\
echo · alice · a TCP server that shouts back

  ✗ 4.1   hangs up after bye                              MUST     0/3    1.02 s

✗ 4.1 hangs up after bye                                     MUST, 0 of 3 points
  `BYE⏎` is answered with `> BYE⏎`, then the server closes within 1 s (the other
  clauses accept a later close).

  expected  > BYE⏎
  actual    > bye⏎
              ^

  conversation
      0.000 s  suite   client connected
      0.001 s  server  Hello, I am the echo server⏎
                       Say BYE to leave.⏎
      0.003 s  client  BYE⏎
  ▶   0.004 s  server  > bye⏎
      0.004 s  suite   the server closed its side (FIN)
  the program's own last output
    │ client from 10.9.9.2
    │ Traceback (most recent call last):
    │   File "alice.py", line 12, in serve
    │     reply = line.uper()
    │ AttributeError: 'str' object has no attribute 'uper'

  hint  Is the line sent back before it is turned into upper case? Compare with
        what you do with every other line.
  see it yourself  printf 'BYE\\r\\n' | nc localhost 2323
  run it again     conformance check alice.py --lab echo --only 4.1 --seed 20261122

0 of 3 points · 1 failed · 6.8 s
tier full · seed 20261122 · port=2424 · suite 0.1.0
"""
    )


SENTENCE = (
    "two: submission.toml: there is no key called start_command_of_the_server; a manifest has"
    " build, command, port"
)


def test_sentences_are_wrapped_and_not_cut() -> None:
    verdict = BYE_IN_LOWER_CASE.with_attempt(
        expected="what was handed in is one program",
        actual=SENTENCE,
        output="",
        transcript=said((0.0, "suite", SENTENCE)),
    )
    assert """
  expected  what was handed in is one program
  actual    two: submission.toml: there is no key called
            start_command_of_the_server; a manifest has build, command, port

  conversation
      0.000 s  suite  two: submission.toml: there is no key called
                      start_command_of_the_server; a manifest has build,
                      command, port
""" in printed(alone(verdict))


def test_the_caret_finds_its_place_in_a_sentence_that_is_wrapped() -> None:
    wanted = f"line 3: {'so it goes on, ' * 5}12:00 (± 2 s), or the same in another form"
    verdict = BYE_IN_LOWER_CASE.with_attempt(
        expected=wanted, actual=wanted.replace("12:00", "12:07")
    )
    rows = printed(alone(verdict)).splitlines()
    [at] = [number for number, row in enumerate(rows) if row.strip() == "^"]
    assert rows[at - 1][rows[at].index("^")] == "7"
    assert "characters)" not in "".join(rows)
    assert "or the same in another form" in " ".join(" ".join(rows).split())


def test_a_long_line_is_shown_around_its_difference() -> None:
    long = "x" * 150
    verdict = BYE_IN_LOWER_CASE.with_attempt(expected=f"> {long}A\n", actual=f"> {long}a\n")
    rows = printed(alone(verdict)).splitlines()
    [at] = [number for number, row in enumerate(rows) if row.strip() == "^"]
    assert rows[at - 1][rows[at].index("^")] == "a"
    assert rows[at - 2][rows[at].index("^")] == "A"


def test_what_a_build_wrote_in_colours_is_quoted_without_and_in_whole() -> None:
    line = "[\x1b[1;31mERROR\x1b[m] Could not resolve dependencies for project " + "a:b:c " * 15
    text = printed(alone(BYE_IN_LOWER_CASE.with_attempt(output=line + "\n", reason=line)))
    quoted = " ".join(text.replace("│", "").split())
    assert quoted.count(" ".join(line.replace("\x1b[1;31m", "").replace("\x1b[m", "").split())) == 2
    assert "\\u{1B}" not in text


class Ended:
    """A program that ended at once, as the host tells of it."""

    port = 2323

    def ended(self) -> str:
        return "the program has ended: exit status 1"

    def exit_status(self) -> int:
        return 1

    def last_output(self) -> str:
        return "fatal: no such table"

    def require_seen(self) -> None:
        """Nothing of it is hidden."""

    def require_no_rival(self) -> None:
        """Nobody else has its port."""


def test_a_hint_that_speaks_of_the_output_finds_it_wherever_it_stands() -> None:
    found = not_listening(cast(Host, Ended()), "tcp", 10.0)
    hint = fitting(found.hint, found.symptom)
    assert hint == "Its own last output says why it ended."
    text = printed(alone(BYE_IN_LOWER_CASE.with_attempt(hint=hint)))
    assert text.index("the program's own last output") < text.index(hint)


def test_every_outcome_has_its_line_and_its_place_in_the_summary() -> None:
    text = printed(ALICE)
    for line in ("✓ 1.1   listens", "! 1.2   reachable", "? 3.2   answers", "✗ 4.1   hangs",
                 "– 5.2   serves twenty", "✓ 5.5   concurrency"):  # fmt: skip
        assert f"  {line}" in text
    assert "4 of 9 points, provisional: 1 clause that counts could not be judged" in text
    assert "3 passed · 1 failed · 1 advice · 1 inconclusive · 1 not run" in " ".join(text.split())
    assert "One client at a time: the second waited for the first." in text


def test_what_was_late_is_said_to_have_been_tried_again() -> None:
    late = replace(
        BYE_IN_LOWER_CASE.with_attempt(fault=Fault.LATE), earlier=(Attempt(Outcome.FAILED),)
    )
    assert "Tried again on a fresh server" in printed(alone(late))
    assert "Tried again on a fresh server" not in printed(
        alone(late.with_attempt(fault=Fault.WRONG))
    )


def test_a_should_is_advice_until_it_counts() -> None:
    advice = next(verdict for verdict in ALICE.verdicts if verdict.clause is REACHABLE)
    assert "advice: costs no points" in printed(alone(advice))
    assert "connection refused" not in printed(alone(advice))
    counting = replace(advice, possible=1)
    assert "SHOULD, 0 of 1 point\n" in printed(alone(counting, strict=True))
    assert "connection refused" in printed(alone(counting, strict=True))


def test_a_must_without_points_is_no_advice() -> None:
    weightless = replace(BYE_IN_LOWER_CASE, possible=0, level=Level.MUST)
    assert "advice" not in printed(alone(weightless))
    assert "1 failed" in printed(alone(weightless))


def test_not_run_for_one_reason_is_told_once() -> None:
    unheard = Attempt(Outcome.NOT_RUN, reason="1.1 failed: nothing listens on TCP 2323.")
    behind = [
        Verdict(clause(f"3.{n}", "answers", "…"), Level.MUST, unheard, possible=1)
        for n in (10, 9, 1)
    ]
    text = printed(replace(ALICE, verdicts=tuple(behind)))
    assert "– not run: 3.1, 3.9, 3.10\n  1.1 failed: nothing listens on TCP 2323.\n" in text
    assert text.count("nothing listens") == 1


def test_what_was_not_shown_is_a_line_each_and_one_for_all() -> None:
    text = printed(BEHIND_A_FAULT)
    for line in (
        "  – 3.2   answers at once · behind 3.1                    MUST     0/2    0.00 s\n",
        "  – 5.2   serves twenty clients at once · behind 3.1      MUST     0/3    0.00 s\n",
    ):
        assert line in text
    counted = "1 passed · 1 failed · 2 not shown · 1 left out · 6.8 s"
    assert f"\n1 of 9 points · {counted}\n{NOT_SHOWN}\n" in text
    assert "it stands behind" not in text
    assert "not run" not in text


def test_verbose_says_why_each_was_not_shown() -> None:
    text = printed(BEHIND_A_FAULT, verbose=True)
    assert "– not shown: 3.2, 5.2\n  it stands behind clause 3.1; mend that first\n" in text


def test_what_the_call_left_out_says_so() -> None:
    text = printed(BEHIND_A_FAULT)
    assert "– left out: 4.1\n  with --connect there is no server of its own for it\n" in text
    assert f"\n{LEFT_OUT}\n" in text


def test_what_fails_without_being_asked_for_is_told_as_such() -> None:
    assert "MUST, not asked for\n" in printed(alone(replace(BYE_IN_LOWER_CASE, possible=0)))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_behind_which_it_stands_is_never_cut(width: int) -> None:
    many = BEHIND_A_FAULT.verdicts[-1].with_attempt(
        behind=("3.1", *(f"3.{n}" for n in range(2, 30)))
    )
    run = replace(BEHIND_A_FAULT, verdicts=(*BEHIND_A_FAULT.verdicts[:-1], many))
    rows = [row for row in printed(run, width=width).splitlines() if row.startswith("  – ")]
    assert sum(" · behind 3.1 " in row for row in rows) == 2
    assert {len(row) for row in rows} == {width}


def test_an_interrupted_run_says_so() -> None:
    text = printed(alone(BYE_IN_LOWER_CASE, interrupted=True, worth=33))
    assert "Interrupted: only 1 clause had been judged." in text
    assert "\n0 of 33 points so far: the run was interrupted · 1 failed" in text


def test_verbose_shows_the_conversations_of_passes_and_each_attempt_at_a_doubt() -> None:
    assert "client  hello⏎" not in printed(ALICE)
    text = printed(ALICE, verbose=True)
    assert "client  hello⏎" in text
    assert "3.2, attempt 1 of 2" in text
    assert "3.2, attempt 2 of 2" in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_encoding_without_our_signs_gets_others(encoding: str) -> None:
    text = printed(ALICE, encoding=encoding, verbose=True)
    assert "  x 4.1   hangs up after bye" in text
    assert "actual    > bye\\n\n              ^\n" in text


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("verbose", [False, True])
def test_a_hostile_submission_reaches_neither_terminal_nor_runner(
    encoding: str, verbose: bool
) -> None:
    text = printed(NOISY, encoding=encoding, verbose=verbose)
    for line in text.split("\n"):
        assert line.isprintable(), line
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line
    assert "[bold red]markup[/]" in text
    assert "\\u{1B}[2J" in text


def test_on_a_terminal_only_colours_are_written() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="truecolor")
    render(NOISY, verbose=True, console=console)
    text = file.getvalue()
    assert ESCAPE.search(text)
    assert "\x1b" not in ESCAPE.sub("", text)
    assert "[bold red]markup[/]" in ESCAPE.sub("", text)


def test_lines_of_a_megabyte_are_shown_by_their_ends() -> None:
    long = "x" * 1_000_000
    verdict = BYE_IN_LOWER_CASE.with_attempt(
        expected=f"> {long}A\n",
        actual=f"> {long}B\n",
        output=long,
        reason=long,
        hint=long,
        transcript=said((0.0, "server", long), (0.1, "suite", long)),
    )
    text = printed(alone(verdict))
    assert len(text) < 20_000
    assert max(map(len, text.split("\n"))) <= 110


def test_of_a_long_conversation_that_proves_nothing_the_end_is_shown() -> None:
    entries = tuple(Entry(n / 10, "client", f"line {n}\n") for n in range(300))
    verdict = BYE_IN_LOWER_CASE.with_attempt(transcript=Transcript(entries))
    text = printed(alone(verdict))
    assert "… 290 lines …" in text
    assert "line 289⏎" not in text
    assert "line 290⏎" in text
    assert "line 299⏎" in text
    assert "line 150⏎" in printed(alone(verdict), verbose=True)


def test_texts_of_several_lines_are_shown_from_where_they_part() -> None:
    wanted = "".join(f"> LINE {n}\n" for n in range(30))
    verdict = BYE_IN_LOWER_CASE.with_attempt(
        expected=wanted, actual=wanted.replace("LINE 20\n", "LINE 21\n")
    )
    text = printed(alone(verdict))
    assert "… 18 lines, as they should be …" in text
    expected, actual = text.split("\n  actual\n")
    assert "> LINE 20⏎" in expected
    assert "> LINE 20⏎" not in actual


def reporter(plan: tuple[str, ...]) -> tuple[ConsoleReporter, io.StringIO]:
    file = io.StringIO()
    return ConsoleReporter(Console(file=file, width=80), plan=plan), file


def numbers(text: str) -> list[str]:
    return re.findall(r"^  \S (\S+)", text, re.MULTILINE)


def test_sections_come_in_order_each_as_soon_as_it_can() -> None:
    told, file = reporter(("5.5", "1.1", "1.2"))
    told.began(ALICE)
    last, first, second = passed(MODEL), *ALICE.verdicts[:2]
    told.judged(last)
    told.judged(first)
    assert numbers(file.getvalue()) == []
    told.judged(second)
    assert numbers(file.getvalue()) == ["1.1", "1.2", "5.5"]


def test_what_was_held_back_is_printed_when_the_run_ends_early() -> None:
    told, file = reporter(("1.1", "5.5"))
    told.began(ALICE)
    told.judged(passed(MODEL))
    told.ended(replace(ALICE, verdicts=(passed(MODEL),), interrupted=True))
    assert numbers(file.getvalue())[0] == "5.5"


def test_without_a_plan_sections_come_as_the_verdicts_do() -> None:
    told, file = reporter(())
    told.began(ALICE)
    for verdict in reversed(ALICE.verdicts):
        told.judged(verdict)
    assert numbers(file.getvalue()) == ["5.2", "5.5", "4.1", "3.1", "3.2"]


@pytest.mark.parametrize("width", [20, 60, 100, 300])
def test_any_width_will_do(width: int) -> None:
    assert "hangs up after bye" in printed(ALICE, width=width)


def test_what_failures_have_in_common_stands_above_them() -> None:
    common = Common("no flush", "Replies are not \x1b[31mflushed.", ("3.2", "4.1"))
    text = printed(replace(alone(BYE_IN_LOWER_CASE), common=(common,)))
    sentence = "Replies are not flushed (3.2, 4.1)."  # no colour of its own
    assert text.index(sentence) < text.index("✗ 4.1 hangs up after bye      ")


def test_examples_of_a_form_are_shown_where_the_form_may_be_the_fault() -> None:
    examples = "".join(f"\n    2026-11-2{day} 22:20:28" for day in range(5))
    text = f"the date is the host's time.\n\nThese forms are understood:\n\n{examples[1:]}"
    verdict = replace(BYE_IN_LOWER_CASE, clause=replace(BYE_IN_LOWER_CASE.clause, text=text))

    def shown(verdict: Verdict, *, verbose: bool = False) -> bool:
        page = printed(alone(verdict), verbose=verbose)
        assert ("(… 5 lines of examples: see the contract.)" in page) != ("11-24 22:20" in page)
        return "11-24 22:20" in page

    assert shown(verdict)
    assert shown(verdict.with_attempt(symptom=Symptom(Sign.FORM)))
    assert not shown(verdict.with_attempt(symptom=Symptom(Sign.WRONG_TIME)))
    assert shown(verdict.with_attempt(symptom=Symptom(Sign.WRONG_TIME)), verbose=True)
    assert not shown(verdict.with_attempt(timed=True))
    assert not shown(verdict.with_attempt(fault=Fault.ABSENT))
