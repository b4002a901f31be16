"""What a student is shown of a run, and whether the run may be held at all, where `--feedback`
says so; and what platforms are told where there is no run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.formats import FEEDBACK, chosen, chosen_files
from conformance.cli.output import say

if TYPE_CHECKING:
    from conformance.contract.catalog import Catalog
    from conformance.run.plan import Request
    from conformance.sandbox import Isolation
    from conformance.verdict.model import Run

SUITE_FAILED = "the suite or the machine failed; your teacher has been told how, in the log"


def hides() -> bool:
    """Whether the call says what students may see."""
    return chosen(FEEDBACK) is not None


def as_seen(run: Run) -> Run:
    """The run as the student may see it now; the run itself without `--feedback`. Raises
    WrongCall."""
    file = chosen(FEEDBACK)
    if file is None:
        return run
    from conformance.classes.feedback import read_rules
    from conformance.reports.classes.reveal import revealed_run, seen_run

    rules = read_rules(Path(file), run.lab)
    return revealed_run(seen_run(run, rules, datetime.now(UTC)), rules.reveal)


def write_while_it_goes_on(run: Run) -> None:
    """Writes the formats that a platform may have to take as they are, before the run has ended."""
    for format_, path in chosen_files().items():
        if format_.live:
            format_.write(run if format_.whole else as_seen(run), path)


def require_a_try(metadata: Path | None, request: Request) -> None:
    """Ends the call where the student has to wait, and keeps the former score. Raises WrongCall."""
    file = chosen(FEEDBACK)
    if metadata is None:
        return
    if file is None:
        from conformance.verdict.model import WrongCall

        raise WrongCall(f"--submission-metadata is for the limits of {FEEDBACK.option}: give both")
    from conformance.classes.earlier_tries import read_tries
    from conformance.classes.feedback import next_try, read_rules, told_wait

    tries = read_tries(metadata)
    rules = read_rules(Path(file), request.lab or "")
    when = next_try(rules.feedback, tries.earlier, tries.at)
    if when is None:
        return
    told = told_wait(rules.feedback, when.astimezone(tries.at.tzinfo))
    for format_, path in chosen_files().items():
        format_.write_kept(told, tries.results, tries.score, path)
    say(told)
    raise SystemExit(3)


def require_right_call(request: Request, catalog: Catalog, isolation: Isolation) -> None:
    """Raises WrongCall for what is wrong in the call whatever is handed in, so that no student is
    told that it was the hand-in."""
    isolation.require(request.require_tier if not request.connect else None)
    if not request.lab:
        return
    lab, file = catalog[request.lab], chosen(FEEDBACK)
    lab.resolve(request.lab, request.settings)
    if file is not None:
        from conformance.classes.feedback import read_rules, require_clauses

        rules = read_rules(Path(file), request.lab)
        require_clauses(rules.hidden, [each.clause for each in lab.scenarios], file)


@contextlib.contextmanager
def telling_platforms(lab: str | None) -> Iterator[None]:
    """Where there is no run, tells the platforms why, so that none takes that for a zero. A failure
    of the suite ends the call with status 3 then, and its traceback is printed."""
    from conformance.run.check import NotStartable
    from conformance.sandbox import SandboxError
    from conformance.verdict.model import WrongCall

    concerned = [each for each in chosen_files() if each.writes_without_run]
    try:
        yield
    except NotStartable as error:
        _write_why(str(error), lab, by_hand_in=True)
        raise
    except WrongCall as error:
        _write_why(f"the call is wrong: {error}", lab)
        raise
    except (SandboxError, OSError):
        _write_why(SUITE_FAILED, lab)
        raise
    except Exception:
        if not concerned:
            raise
        _write_why(SUITE_FAILED, lab)
        sys.excepthook(*sys.exc_info())
        raise SystemExit(3) from None


def _write_why(sentence: str, lab: str | None, *, by_hand_in: bool = False) -> None:
    from conformance.reports.platforms.scored import Ungraded

    for format_, path in chosen_files().items():
        if format_.writes_without_run:
            format_.write_without_run(Ungraded(sentence, by_hand_in, lab or ""), path)
