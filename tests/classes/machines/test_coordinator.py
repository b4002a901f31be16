"""What the coordinator gives out, what it takes in, and whom it does not believe."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.grading.outdated import Due, Terms, Why
from conformance.classes.machines.arrivals import Arriving
from conformance.classes.machines.coordinator import MOST_FRUITLESS, Coordinator
from conformance.classes.machines.engines.engine import PresentMachine, ShardNews
from conformance.classes.machines.fitness import common_terms
from conformance.classes.machines.messages import (
    ClauseJudged,
    EvidencePiece,
    HandInBegun,
    HandInEnded,
    HandInTrouble,
    MachineFacts,
    Message,
    RunEvent,
    ShardEnded,
)
from conformance.classes.machines.portions import MOST_LOST
from conformance.classes.machines.shard import Shard
from conformance.classes.machines.worker import _Teller
from conformance.classes.model import Class, HandIn, Result
from conformance.classes.results.record import Record
from conformance.sandbox import Tier
from conformance.verdict.events import noted, run_ended
from conformance.verdict.model import Outcome, WrongCall
from kit.scripted_engine import Play, ScriptedEngine, facts, grades, lines, opened, run_of, whole
from kit.small_class import CATALOG, TERMS, SmallClass


class Watched:
    """A watcher that takes down what it hears."""

    def __init__(self) -> None:
        self.ended_: list[str] = []
        self.placed_: list[str] = []
        self.running: set[str] = set()
        self.told: list[str] = []
        self.is_closed = False

    def began(self, graded: Class, todo: int, current: int) -> None:
        self.todo, self.current = todo, current

    def placed(self, hand_in: HandIn, machine: str) -> None:
        self.placed_.append(f"{hand_in.author} {hand_in.lab} {machine}")

    def started(self, hand_in: HandIn) -> None:
        self.running.add(f"{hand_in.author} {hand_in.lab}")

    def withdrawn(self, hand_in: HandIn) -> None:
        self.running.remove(f"{hand_in.author} {hand_in.lab}")

    def judged(self, hand_in: HandIn) -> None: ...
    def repeating_alone(self, waiting: int) -> None: ...

    def ended(self, hand_in: HandIn, result: Result) -> None:
        self.running.discard(f"{hand_in.author} {hand_in.lab}")
        self.ended_.append(f"{hand_in.author} {hand_in.lab}")

    def noticed(self, machine: str, told: str) -> None:
        self.told.append(f"{machine} {told}")

    def closed(self) -> None:
        self.is_closed = True


class Graded:
    """A class of four hand-ins, and how it is graded by scripted machines."""

    def __init__(self, folder: Path) -> None:
        self.small = SmallClass(folder)
        self.ledger = self.small.ledger
        self.watched = Watched()
        self.published: list[str] = []

    def grade(self, engine: ScriptedEngine, terms: Terms = TERMS) -> None:
        self.watched = Watched()
        common = common_terms(self.small.graded, CATALOG, terms, Tier.FULL, measured=False)
        coordinator = Coordinator(
            common,
            self.ledger,
            CATALOG,
            engine,
            self.watched,
            publish=self.published.append,
            patience=0.0,
        )
        with self.ledger.grading():
            coordinator.plan()
            coordinator.run()

    @property
    def results(self) -> list[Result]:
        return [self.ledger.result(hand_in) for hand_in in self.small.graded.hand_ins]

    @property
    def passed(self) -> int:
        """The hand-ins whose runs count, and hold what the machines told."""
        found = [result.run for result in self.results if result.run is not None]
        assert all(run.verdicts[0].outcome is Outcome.PASSED for run in found)
        return len(found)


@pytest.fixture
def graded(tmp_path: Path) -> Iterator[Graded]:
    made = Graded(tmp_path)
    yield made
    assert made.watched.is_closed
    assert not made.watched.running, "what has ended, or was withdrawn, is not under way"
    assert not list(made.ledger.folder.glob("*/*/*.part")), "nothing half is left"


ALL = ["ann echo", "ann echo-node", "bob echo", "bob echo-node"]


def test_each_hand_in_is_judged_once_wherever(graded: Graded) -> None:
    engine = ScriptedEngine(east=grades, west=grades)
    graded.grade(engine)
    assert graded.passed == 4
    assert sorted(graded.watched.ended_) == ALL
    assert {machine for machine, _ in engine.given} == {"east", "west"}
    assert {placed.split()[-1] for placed in graded.watched.placed_} == {"east", "west"}
    assert sorted(graded.published) == ["ann", "bob"]
    assert not engine.is_open


def test_what_has_a_result_is_given_to_nobody(graded: Graded) -> None:
    graded.grade(ScriptedEngine(east=grades))
    engine = ScriptedEngine(east=grades)
    graded.grade(engine)
    assert engine.given == []
    assert (graded.watched.todo, graded.watched.current) == (0, 4)


def test_evidence_comes_along_and_is_named_by_where_it_is(graded: Graded) -> None:
    def fails(machine: str, shard: Shard) -> Iterator[ShardNews]:
        told: list[Message] = [facts()]
        for (author, lab), fingerprint in opened(shard).wanted.items():
            told += run_of(author, lab, fingerprint, evidence=b"packets of " + author.encode())
        yield ShardNews(shard.name, lines([*told, ShardEnded()]), ended=True)

    graded.grade(ScriptedEngine(east=fails))
    for result in graded.results:
        assert result.run is not None
        kept = Path(result.run.verdicts[0].attempt.capture)
        assert kept == graded.ledger.evidence(result.hand_in) / "a.pcapng"
        assert kept.read_bytes() == b"packets of " + result.hand_in.author.encode()


# -- machines that are not used -----------------------------------------------------------

UNFIT = {
    "its tier is none": facts(tier=Tier.NONE),
    "its tier is network": facts(tier=Tier.NETWORK),
    "its tier is best": MachineFacts("node", "best", 1, 1, facts().suite, facts().labs, 1.0),
    "its suite is another version": facts(suite="0" * 32),
    "it does not have the lab echo, echo-node": MachineFacts(
        "node", "full", 1, 1, facts().suite, {}, 1.0
    ),
    "it has another version of the lab echo": MachineFacts(
        "node", "full", 1, 1, facts().suite, {**facts().labs, "echo": "0"}, 1.0
    ),
}


@pytest.mark.parametrize("known", [True, False], ids=["known before", "told by its shard"])
@pytest.mark.parametrize(("why", "what"), UNFIT.items(), ids=UNFIT)
def test_a_machine_that_is_unfit_is_not_used(
    graded: Graded, why: str, what: MachineFacts, known: bool
) -> None:
    def unfit(machine: str, shard: Shard) -> Iterator[ShardNews]:
        yield ShardNews(shard.name, lines([what, *whole(shard)[1:]]), ended=True)

    engine = ScriptedEngine(east=unfit, west=grades)
    engine.here[0] = PresentMachine("east", what if known else None)
    graded.grade(engine)
    assert graded.passed == 4
    assert not [placed for placed in graded.watched.placed_ if placed.endswith("east")]
    assert [told for told in graded.watched.told if told.startswith(f"east is not used: {why}")]
    assert len([machine for machine, _ in engine.given if machine == "east"]) == (not known)


def test_without_any_machine_the_call_was_wrong(graded: Graded) -> None:
    with pytest.raises(WrongCall, match="no machine to grade on"):
        graded.grade(ScriptedEngine())
    engine = ScriptedEngine(east=grades)
    engine.here = [PresentMachine("east", facts(tier=Tier.NONE))]
    with pytest.raises(WrongCall, match="east: its tier is none, and full is asked for"):
        graded.grade(engine)
    assert not engine.is_open


def test_machines_that_are_to_come_are_waited_for(graded: Graded) -> None:
    class Late(ScriptedEngine):
        def coming(self) -> str:
            self.here = [PresentMachine("east")]
            return "2 jobs in a queue"

    engine = Late(east=grades)
    engine.here = []
    graded.grade(engine)
    assert graded.passed == 4
    assert graded.watched.told[0] == " Waiting for machines: 2 jobs in a queue"


def test_when_the_last_machine_goes_the_rest_is_open(graded: Graded) -> None:
    engine = ScriptedEngine()

    def goes(machine: str, shard: Shard) -> Iterator[ShardNews]:
        engine.here = []
        (author, lab), fingerprint = next(iter(opened(shard).wanted.items()))
        yield ShardNews(shard.name, lines([facts(), *run_of(author, lab, fingerprint)]))
        yield ShardNews(shard.name, lost="the machine has gone")

    engine.plays["east"], engine.here = goes, [PresentMachine("east")]
    graded.grade(engine)
    assert graded.passed == 1
    assert "east has gone" in graded.watched.told
    assert [told for told in graded.watched.told if "No machine is left" in told]
    assert [result.trouble for result in graded.results].count("not graded yet") == 3
    graded.grade(ScriptedEngine(west=grades))
    assert (graded.watched.todo, graded.passed) == (3, 4)


# -- machines that are not believed -------------------------------------------------------

Forge = Callable[[str, str, str], list[Message]]


def but(change: Callable[[Message], Message | None]) -> Forge:
    """A run of which each message was changed, or left out."""

    def forged(author: str, lab: str, fingerprint: str) -> list[Message]:
        told = run_of(author, lab, fingerprint, evidence=b"packets")
        return [new for each in told if (new := change(each)) is not None]

    return forged


def other(kind: type[Message], **changes: object) -> Forge:
    def changed(message: Message) -> Message:
        if not isinstance(message, kind):
            return message
        fields = {name: getattr(message, name) for name in message.__struct_fields__}
        return kind(**{**fields, **changes})

    return but(changed)


def without(kind: type[Message]) -> Forge:
    return but(lambda message: None if isinstance(message, kind) else message)


def event(told: dict[str, object]) -> Forge:
    def forged(author: str, lab: str, fingerprint: str) -> list[Message]:
        return [HandInBegun(author, lab), RunEvent(author, lab, told)]

    return forged


FORGED: dict[str, Forge] = {
    "another fingerprint": other(HandInEnded, fingerprint="f"),
    "a foreign author": other(HandInBegun, author="mallory"),
    "a run of somebody who has not begun": without(HandInBegun),
    "a lab that nobody asked for": other(RunEvent, lab="presence"),
    "no events": without(RunEvent),
    "too few events": other(HandInEnded, events=4),
    "no evidence": without(EvidencePiece),
    "less evidence": other(EvidencePiece, data=b"pack"),
    "another file": other(EvidencePiece, name="b.pcapng"),
    "another seed": lambda *whose: run_of(*whose, seed=8),
    "an event of no run": event({"event": "override"}),
    "an event that is none": event({}),
    "a run that does not begin": event(noted("hello")),
    "a run that ends first": event(run_ended(1.0)),
    "a run that is never closed": event({"event": "run", "seed": 7, "schema": "x"}),
    "twice the same": lambda *whose: [*run_of(*whose), *run_of(*whose)],
    "progress of a stranger": lambda *whose: [ClauseJudged("mallory", "echo")],
    "trouble of a stranger": lambda *whose: [HandInTrouble("mallory", "echo", "x", refused=True)],
    "trouble before it began": lambda author, lab, _: [HandInTrouble(author, lab, "x")],
    "more after the end": lambda *whose: [ShardEnded(), *run_of(*whose)],
}


def forger(forge: Forge) -> Play:
    def plays(machine: str, shard: Shard) -> Iterator[ShardNews]:
        told: list[Message] = [facts()]
        for (author, lab), fingerprint in opened(shard).wanted.items():
            told += forge(author, lab, fingerprint)
        yield ShardNews(shard.name, lines([*told, ShardEnded()]), ended=True)

    return plays


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_what_was_not_asked_for_is_not_accepted(graded: Graded, forge: Forge) -> None:
    engine = ScriptedEngine(east=forger(forge), west=grades)
    graded.grade(engine)
    assert graded.passed == 4, "another machine judges it"
    assert sorted(set(graded.watched.ended_)) == sorted(graded.watched.ended_) == ALL
    assert [told for told in graded.watched.told if told.startswith("east is not used: it told")]
    assert engine.stopped[0] == "shard-1"


@pytest.mark.parametrize(
    "said",
    [b"hello", b"{}", lines([HandInBegun("ann", "echo")])[0], b'{"tells": "begun", "auth'],
    ids=["text", "an object", "a hand-in before the machine", "half a line"],
)
def test_a_machine_that_talks_nonsense_is_not_used(graded: Graded, said: bytes) -> None:
    def plays(machine: str, shard: Shard) -> Iterator[ShardNews]:
        yield ShardNews(shard.name, [said])
        yield ShardNews(shard.name, lines(whole(shard)), ended=True)

    graded.grade(ScriptedEngine(east=plays, west=grades))
    assert graded.passed == 4
    assert not [placed for placed in graded.watched.placed_ if placed.endswith("east")]


def forges_over(*whose: str) -> Play:
    """A machine that grades, but tells too much of the hand-ins of these authors for echo."""

    def plays(machine: str, shard: Shard) -> Iterator[ShardNews]:
        told: list[Message] = [facts()]
        for (author, lab), fingerprint in opened(shard).wanted.items():
            told += run_of(author, lab, fingerprint)
            if lab == "echo" and author in whose:
                told[-1] = HandInEnded(author, lab, fingerprint, 10_001, {})
        yield ShardNews(shard.name, lines([*told, ShardEnded()]), ended=True)

    return plays


@pytest.mark.parametrize("machines", [("east",), ("east", "west"), ("east", "west", "south")])
def test_a_hand_in_over_which_all_tell_nonsense_is_open_and_costs_no_machine(
    graded: Graded, machines: tuple[str, ...]
) -> None:
    engine = ScriptedEngine(**dict.fromkeys(machines, forges_over("bob")))
    graded.grade(engine)
    assert graded.passed == 3
    [left] = [result for result in graded.results if result.run is None]
    assert (left.hand_in.author, left.hand_in.lab, left.blame) == ("bob", "echo", "suite")
    assert f"was lost {MOST_LOST} times (it told a result of which a part" in left.trouble
    assert not [told for told in graded.watched.told if "is not used" in told]
    assert sorted(graded.watched.ended_) == ALL
    assert len(engine.stopped) == MOST_LOST


def test_a_machine_that_tells_nonsense_over_what_others_judge_is_not_used(graded: Graded) -> None:
    """What it does meanwhile is given up, too."""

    def plays(machine: str, shard: Shard) -> Iterable[ShardNews]:
        if shard.name == "shard-1":
            return forges_over("ann", "bob")(machine, shard)
        return list(loses(begun=1)(machine, shard))[:1]  # goes on for long

    engine = ScriptedEngine(east=plays, west=grades)
    graded.grade(engine)
    assert graded.passed == 4
    assert engine.stopped == ["shard-1", "shard-3"]
    assert [machine for machine, _ in engine.given[2:]] == ["east", "west", "west", "west"]
    assert [told for told in graded.watched.told if told.startswith("east is not used: it told")]


def test_a_machine_that_tells_nothing_but_nonsense_is_put_aside(graded: Graded) -> None:
    engine = ScriptedEngine(east=forger(other(HandInEnded, fingerprint="f")))
    graded.grade(engine)
    assert graded.passed == 0
    assert len(engine.given) == MOST_FRUITLESS
    assert "No machine is left" in graded.watched.told[-1]
    assert all(result.blame == "suite" for result in graded.results)


# -- machines that are lost ---------------------------------------------------------------


def loses(begun: int, ended: int = 0, why: str = "killed by signal 9") -> Play:
    """A machine that has begun and ended so many of its hand-ins, and is lost."""

    def plays(machine: str, shard: Shard) -> Iterator[ShardNews]:
        told: list[Message] = [facts()]
        for number, (key, fingerprint) in enumerate(opened(shard).wanted.items()):
            run = run_of(*key, fingerprint, evidence=b"x" if number >= ended else b"")
            told += run if number < ended else run[: 3 * (number < begun)]
        yield ShardNews(shard.name, lines(told))
        yield ShardNews(shard.name, lost=why)

    return plays


def once(first: Play) -> Play:
    """A machine that does so with its first shard, and grades all others."""
    seen: list[str] = []

    def plays(machine: str, shard: Shard) -> Iterable[ShardNews]:
        seen.append(shard.name)
        return first(machine, shard) if len(seen) == 1 else grades(machine, shard)

    return plays


def test_what_was_lost_goes_elsewhere_and_nothing_is_counted_twice(graded: Graded) -> None:
    engine = ScriptedEngine(east=once(loses(begun=2, ended=1)), west=grades)
    graded.grade(engine)
    assert graded.passed == 4
    assert sorted(graded.watched.ended_) == ALL
    assert [told for told in graded.watched.told if "(killed by signal 9)" in told]


def test_a_hand_in_that_is_lost_three_times_is_open_and_no_other_is(graded: Graded) -> None:
    def plays(machine: str, shard: Shard) -> Iterable[ShardNews]:
        wanted = opened(shard).wanted
        if ("bob", "echo") in wanted:
            return loses(begun=len(wanted))(machine, shard)
        return grades(machine, shard)

    engine = ScriptedEngine(east=plays, west=plays)
    graded.grade(engine)
    assert graded.passed == 3
    [left] = [result for result in graded.results if result.run is None]
    assert (left.hand_in.author, left.hand_in.lab) == ("bob", "echo")
    assert left.blame == "suite"
    assert f"was lost {MOST_LOST} times (killed by signal 9)" in left.trouble
    alone = [authors for _, authors in engine.given if authors == ["bob"]]
    assert len(alone) >= MOST_LOST - 1, "nobody else is lost with it again"


def test_a_machine_that_never_begins_is_put_aside(graded: Graded) -> None:
    engine = ScriptedEngine(east=loses(begun=0), west=grades)
    engine.plays["west"] = once(loses(begun=1))
    graded.grade(engine)
    assert graded.passed == 4
    assert len([machine for machine, _ in engine.given if machine == "east"]) <= MOST_FRUITLESS


def test_a_shard_that_ends_without_a_word_is_lost(graded: Graded) -> None:
    def silent(machine: str, shard: Shard) -> Iterator[ShardNews]:
        yield ShardNews(shard.name, ended=True)

    graded.grade(ScriptedEngine(east=once(silent)))
    assert graded.passed == 4
    assert [told for told in graded.watched.told if "ended too early" in told]


def test_a_shard_that_leaves_some_out_is_lost(graded: Graded) -> None:
    def some(machine: str, shard: Shard) -> Iterator[ShardNews]:
        yield ShardNews(shard.name, lines([facts(), ShardEnded("its disk is full")]), ended=True)

    graded.grade(ScriptedEngine(east=once(some)))
    assert graded.passed == 4
    assert [told for told in graded.watched.told if "its disk is full" in told]


def test_what_no_machine_can_unpack_is_open_and_no_other_is(graded: Graded) -> None:
    def plays(machine: str, shard: Shard) -> Iterable[ShardNews]:
        if ("bob", "echo") in opened(shard).wanted:
            told: list[Message] = [facts(), ShardEnded("No space left on device")]
            return [ShardNews(shard.name, lines(told), ended=True)]
        return grades(machine, shard)

    graded.grade(ScriptedEngine(east=plays, west=plays))
    assert graded.passed == 3
    [left] = [result for result in graded.results if result.run is None]
    assert (left.hand_in.author, left.hand_in.lab) == ("bob", "echo")
    assert "no machine could grade it: No space left on device" in left.trouble
    assert not [told for told in graded.watched.told if "is not used" in told]
    assert sorted(graded.watched.ended_) == ALL


def test_what_is_told_of_a_shard_that_was_given_up_is_not_heard(graded: Graded) -> None:
    late: list[ShardNews] = []

    def lost(machine: str, shard: Shard) -> Iterator[ShardNews]:
        late.append(ShardNews(shard.name, lines(whole(shard)), ended=True))
        yield ShardNews(shard.name, lost="the machine has gone")

    def after(machine: str, shard: Shard) -> Iterator[ShardNews]:
        yield from late
        yield from grades(machine, shard)

    graded.grade(ScriptedEngine(east=once(lost), west=after))
    assert graded.passed == 4
    assert sorted(graded.watched.ended_) == ALL


# -- trouble ------------------------------------------------------------------------------


def troubles(text: str, *, refused: bool) -> Play:
    def plays(machine: str, shard: Shard) -> Iterator[ShardNews]:
        told: list[Message] = [facts()]
        for author, lab in opened(shard).wanted:
            told += [HandInBegun(author, lab)] * 2  # the suite tries it again by itself
            told += [HandInTrouble(author, lab, text, refused)]
        yield ShardNews(shard.name, lines([*told, ShardEnded()]), ended=True)

    return plays


def test_what_one_machine_could_not_judge_another_may(graded: Graded) -> None:
    graded.grade(ScriptedEngine(east=troubles("no Java here", refused=False), west=grades))
    assert graded.passed == 4


def test_what_no_machine_could_judge_is_open(graded: Graded) -> None:
    plays = troubles("no Java here", refused=False)
    engine = ScriptedEngine(east=plays, west=plays, south=plays)
    graded.grade(engine)
    assert [result.trouble for result in graded.results] == ["no Java here"] * 4
    assert all(result.blame == "suite" and not result.refused for result in graded.results)
    assert sum(len(authors) for _, authors in engine.given) == 8, "two machines try each"


def test_what_cannot_be_taken_in_is_not_tried_elsewhere(graded: Graded) -> None:
    engine = ScriptedEngine(east=troubles("it is no archive", refused=True), west=grades)
    graded.grade(engine)
    refused = [result for result in graded.results if result.refused]
    assert {result.trouble for result in refused} == {"it is no archive"}
    assert len(refused) + graded.passed == 4
    assert sum(len(authors) for _, authors in engine.given) == 4


# -- an interruption ----------------------------------------------------------------------


def test_interrupted_it_keeps_what_came_and_the_next_call_goes_on(graded: Graded) -> None:
    def stays(machine: str, shard: Shard) -> Iterable[ShardNews]:
        return list(loses(begun=2, ended=1)(machine, shard))[:1]

    engine = ScriptedEngine(east=stays)
    engine.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        graded.grade(engine)
    assert not engine.is_open
    assert graded.passed == 1
    graded.watched.running.clear()  # nothing more is told of what was interrupted
    graded.grade(ScriptedEngine(east=grades))
    assert (graded.watched.todo, graded.watched.current, graded.passed) == (3, 1, 4)


def test_a_hand_in_that_is_gone_when_it_is_to_be_sent_is_open(graded: Graded) -> None:
    engine = ScriptedEngine(east=grades)
    common = common_terms(graded.small.graded, CATALOG, TERMS, Tier.FULL, measured=False)
    coordinator = Coordinator(common, graded.ledger, CATALOG, engine, graded.watched, patience=0.0)
    with graded.ledger.grading():
        coordinator.plan()
        (graded.small.entries / "bob.py").unlink()
        coordinator.run()
    assert graded.passed == 2
    left = [result.trouble for result in graded.results if result.run is None]
    assert all("could not be sent to another machine: no such file" in told for told in left)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on device"),
        (OSError("Disk B has gone"), "Disk B has gone"),
        (OSError(), "OSError"),
    ],
)
def test_a_run_that_cannot_be_written_says_why(
    graded: Graded, monkeypatch: pytest.MonkeyPatch, error: OSError, told: str
) -> None:
    def fails(hand_in: HandIn, fingerprint: str) -> Record:
        raise error

    monkeypatch.setattr(graded.ledger, "record", fails)
    graded.grade(ScriptedEngine(east=grades))
    said = {result.trouble for result in graded.results}
    assert said == {f"its run cannot be written: {told}"}
    assert not [told for told in graded.watched.told if "is not used" in told]


def test_a_hand_in_that_changes_meanwhile_is_open_and_no_machine_is_blamed(graded: Graded) -> None:
    def finds_another(machine: str, shard: Shard) -> Iterator[ShardNews]:
        (graded.small.entries / "bob.py").write_text("changed")
        told: list[Message] = [facts()]
        for (author, lab), fingerprint in opened(shard).wanted.items():
            found = "0" * 32 + fingerprint[32:] if author == "bob" else fingerprint
            told += run_of(author, lab, found, evidence=b"packets")
        yield ShardNews(shard.name, lines([*told, ShardEnded()]), ended=True)

    graded.grade(ScriptedEngine(east=finds_another))
    left = {result.hand_in.author: result.trouble for result in graded.results}
    assert "changed while the class was graded" in left["bob"]
    assert left["ann"] == ""
    assert not [told for told in graded.watched.told if "is not used" in told]
    graded.grade(ScriptedEngine(east=grades))
    assert graded.watched.todo == 2, "the next call judges what is there now"
    assert all(result.run is not None for result in graded.results)


def test_reports_that_cannot_be_written_are_no_machines_fault(graded: Graded) -> None:
    def full(author: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    common = common_terms(graded.small.graded, CATALOG, TERMS, Tier.FULL, measured=False)
    engine = ScriptedEngine(east=grades)
    coordinator = Coordinator(
        common, graded.ledger, CATALOG, engine, graded.watched, publish=full, patience=0.0
    )
    with graded.ledger.grading():
        coordinator.plan()
        with pytest.raises(OSError, match="No space left"):
            coordinator.run()
    assert not [told for told in graded.watched.told if "is not used" in told]
    assert graded.passed
    graded.watched.running.clear()  # nothing more is told of what was under way


def test_an_empty_file_of_evidence_comes_along(graded: Graded) -> None:
    graded.small.hold()
    hand_in = graded.small.graded.hand_ins[0]
    kept = graded.ledger.evidence(hand_in)
    kept.mkdir(parents=True)
    (kept / "a.pcapng").touch()
    messages: list[Message] = []
    _Teller(graded.ledger, messages.append).ended(hand_in, graded.ledger.result(hand_in))
    (end,) = (message for message in messages if isinstance(message, HandInEnded))
    due = Due(hand_in, end.fingerprint, Why.NEW)
    arriving = Arriving(due, graded.ledger, TERMS.seed)
    for message in messages:
        if isinstance(message, EvidencePiece):
            arriving.take_piece(message)
        elif isinstance(message, RunEvent):
            arriving.take_event(message)
    arriving.require_whole(end)
    arriving.keep()
    assert (kept / "a.pcapng").read_bytes() == b""
    graded.watched.is_closed = True


def test_a_hand_in_in_the_folder_of_its_lab_stays_here(graded: Graded) -> None:
    inside = Path(CATALOG["echo"].file).parent / "echo.md"
    hand_ins = (replace(graded.small.graded.hand_ins[0], path=inside),)
    graded.small.graded = replace(graded.small.graded, hand_ins=hand_ins)
    engine = ScriptedEngine(east=grades)
    graded.grade(engine)
    assert engine.given == []
    [left] = graded.results
    assert "graded on this machine only" in left.trouble
