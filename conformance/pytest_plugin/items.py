"""The pytest items of a submission: their collection, their run and their reports.

FAILED is a failure, with the account. INCONCLUSIVE is an error, since the grade is open. NOT RUN is
skipped; but what was not shown fails, unless an item fails that pays for it. A SHOULD that fails
without counting is an xfail. The judge does all judging; the items read its events.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ReprExceptionInfo, ReprFileLocation, ReprTracebackNative

from conformance.pytest_plugin import guard, options
from conformance.pytest_plugin.answers import Answer, answer
from conformance.pytest_plugin.link import EventStream, JudgeGone, JudgeProcess
from conformance.pytest_plugin.summary import Summary
from conformance.reports.run.console import facts
from conformance.reports.text.visible import visible
from conformance.verdict.events import replay
from conformance.verdict.model import Level, Outcome

OPENING = "conformance"
"""Key of the judge's opening message in the data that pytest-xdist gives its workers."""

_judge = pytest.StashKey[JudgeProcess]()
_opening = pytest.StashKey[dict[str, Any]]()
_stream = pytest.StashKey[EventStream]()
_costly = pytest.StashKey[dict[int, set[str]]]()
"""For each submission, the clauses whose failure costs points."""


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


# -- before anything of the submission's could be read ---------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Stops if pytest might read, or has read, the submission's own configuration: the guard did
    not run."""
    known = early_config.known_args_namespace
    if not known.noconftest or known.inifilename is None:
        call = " ".join(guard.NO_CONFIGURATION)
        raise pytest.UsageError(
            "pytest would read the configuration of the submission, for the suite is not"
            f" installed in this Python; keep it from that: pytest {call} --submission …"
        )
    homes = list(guard.folders(known.submissions))
    if inside := [entry for entry in sys.path if guard.lies_in(entry, homes)]:
        raise pytest.UsageError(
            f"Python would import modules of the submission, for its path holds {inside[0]!r};"
            " start `python -P -m pytest`, without that folder in PYTHONPATH"
        )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("usepdb", False) or config.getoption("trace", False):
        raise pytest.UsageError("--pdb and --trace have nothing to show of a submission")


# -- the judge -------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Starts the judge, or finds the one that the controller of pytest-xdist started."""
    config = session.config
    handed: dict[str, Any] | None = getattr(config, "workerinput", None)
    if handed is not None:
        opening = json.loads(handed[OPENING])
    else:
        try:
            judge = JudgeProcess(options.orders(config))
        except ValueError as wrong:
            raise pytest.UsageError(str(wrong)) from None
        except JudgeGone as gone:
            raise pytest.exit.Exception(str(gone), pytest.ExitCode.INTERNAL_ERROR) from None
        config.add_cleanup(judge.stop)
        config.stash[_judge] = judge
        config.stash[_stream] = judge.stream
        opening = judge.opening
        shown = {_node_id(told): _facts(told) for told in opening["submissions"]}
        config.pluginmanager.register(Summary(judge, shown), "conformance-summary")
    config.stash[_opening] = opening
    _reject_other_arguments(config, opening)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[OPENING] = json.dumps(node.config.stash[_opening])


def pytest_report_header(config: pytest.Config) -> list[str]:
    opening = config.stash.get(_opening, None) or {"submissions": []}
    return [f"conformance: {_facts(submission)}" for submission in opening["submissions"]]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Ends the judge after an interruption, or workers would wait for it."""
    judge = session.config.stash.get(_judge, None)
    if judge is not None and exitstatus == pytest.ExitCode.INTERRUPTED:
        judge.stop()


# -- collection ------------------------------------------------------------------------


def _facts(submission: dict[str, Any]) -> str:
    return facts(replay([submission["run"]]))


def _node_id(submission: dict[str, Any]) -> str:
    name = submission["name"].replace("::", ":").replace("[", "(").replace("]", ")")
    return f"{visible(submission['run']['lab'])}::{name}"


def _item_name(scenario: dict[str, Any]) -> str:
    return f"{scenario['clause']} {scenario['name']}"


def _reject_other_arguments(config: pytest.Config, opening: dict[str, Any]) -> None:
    """Raises UsageError if an argument is no id of an item, such as a test file."""
    config.args = list(config.option.file_or_dir)
    known = {
        _node_id(submission) + end
        for submission in opening["submissions"]
        for end in ["", *(f"::{_item_name(scenario)}" for scenario in submission["scenarios"])]
    }
    if strangers := [argument for argument in config.args if argument not in known]:
        raise pytest.UsageError(
            f"{strangers[0]} is no item of a submission: give ids of items, and run files of"
            " tests without --submission"
        )


def pytest_collection(session: pytest.Session) -> None:
    session.config.args = []  # nothing in the file system is collected


@pytest.hookimpl(tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> pytest.CollectReport | None:
    if not isinstance(collector, pytest.Session):
        return None
    submissions = collector.config.stash[_opening]["submissions"]
    nodes: list[pytest.Item | pytest.Collector] = [
        JudgedSubmission.from_parent(
            collector,
            name=submission["name"],
            nodeid=_node_id(submission),
            index=index,
            scenarios=submission["scenarios"],
        )
        for index, submission in enumerate(submissions)
    ]
    return pytest.CollectReport(collector.nodeid, "passed", None, nodes)


class JudgedSubmission(pytest.Collector):
    """One submission: collects an item for each scenario."""

    def __init__(self, *, index: int, scenarios: list[dict[str, Any]], **given: Any) -> None:
        super().__init__(**given)
        self.index = index
        self.scenarios = scenarios

    def collect(self) -> Iterator[pytest.Item]:
        for scenario in self.scenarios:
            yield JudgedScenario.from_parent(self, name=_item_name(scenario), scenario=scenario)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.option.file_or_dir
    if not chosen:
        return
    kept = [i for i in items if any(f"{i.nodeid}::".startswith(f"{given}::") for given in chosen)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tells the judge which clauses to judge."""
    config = session.config
    items = [item for item in session.items if isinstance(item, JudgedScenario)]
    if config.option.collectonly or not items:
        return
    wanted: dict[int, list[str]] = {}
    costly: dict[int, set[str]] = {}
    config.stash[_costly] = costly
    for item in items:
        clause, level = item.scenario["clause"], Level(item.scenario["level"])
        wanted.setdefault(item.submission.index, []).append(clause)
        counts = level is Level.MUST or (level is Level.SHOULD and config.option.strict_clauses)
        costly.setdefault(item.submission.index, set()).update([clause] if counts else [])
    if _stream not in config.stash:  # a worker of pytest-xdist
        config.stash[_stream] = EventStream.through(config.stash[_opening]["door"])
        config.add_cleanup(config.stash[_stream].close)
    config.stash[_stream].want(list(wanted.items()))


# -- running ---------------------------------------------------------------------------


class NotHeld(Exception):  # noqa: N818 - an outcome, no error of ours
    """The clause does not hold."""


class Unjudged(Exception):  # noqa: N818 - an outcome, no error of ours
    """The clause could not be judged: nobody may take this for a pass or a failure."""


class JudgedScenario(pytest.Item):
    def __init__(self, *, scenario: dict[str, Any], **given: Any) -> None:
        super().__init__(**given)
        assert isinstance(self.parent, JudgedSubmission)
        self.submission = self.parent
        self.scenario = scenario
        self.answer: Answer | None = None
        self.extra_keyword_matches |= {scenario["level"], scenario["section"]}

    def setup(self) -> None:
        """Waits for the verdict."""
        stash, index = self.config.stash, self.submission.index
        events = stash[_stream].events(index)
        told = answer(events, self.scenario["clause"], self.submission.name, stash[_costly][index])
        self.answer = told
        self.user_properties += told.properties
        if told.notes:
            self.add_report_section("setup", "notes", "\n".join(told.notes))
        if told.is_open:
            raise Unjudged(told.message)
        if told.outcome == Outcome.NOT_RUN.value:
            pytest.skip(told.message)

    def runtest(self) -> None:
        assert self.answer is not None, "it was set up"
        if self.answer.outcome == "advice" and not self.config.option.runxfail:
            pytest.xfail(self.answer.message)
        if self.answer.outcome != Outcome.PASSED.value:
            raise NotHeld(self.answer.message)

    def reportinfo(self) -> tuple[Path, None, str]:
        place = self.config.rootpath / self.nodeid.partition("::")[0]
        return place, None, f"{self.submission.name}: {self.name.replace('_', ' ')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Reports the account instead of a traceback, and the scenario's time without waiting."""
    report = yield
    if not isinstance(item, JudgedScenario) or item.answer is None:
        return report
    told = item.answer
    last = call.when == "call" or (call.when == "setup" and not report.passed)
    report.duration = told.seconds if last else 0.0
    if call.excinfo is not None and isinstance(call.excinfo.value, pytest.skip.Exception):
        report.longrepr = (item.submission.nodeid, 0, told.message)
    elif call.excinfo is not None and last:
        crash = ReprFileLocation(item.nodeid, 0, told.message)
        trace = ReprTracebackNative([told.text])
        report.longrepr = ReprExceptionInfo(reprcrash=crash, reprtraceback=trace)
    return report
