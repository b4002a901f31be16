"""The items: what pytest collects, runs and reports where a submission is to be judged.

FAILED is a failure with the account of what happened; INCONCLUSIVE an error, for the
grade is open; NOT RUN is skipped (but what was not shown fails where no item does that
pays for it); a SHOULD that does not hold, and does not count, is an xfail. All judging is
done by the judge; an item asks it, and says what it was told.
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
from conformance.pytest_plugin.link import Connection, JudgeGone, JudgeProcess
from conformance.pytest_plugin.summary import Summary

OPENING = "conformance"
"""Key of the judge's opening in what pytest-xdist hands to its workers."""

_judge = pytest.StashKey[JudgeProcess]()
_opening = pytest.StashKey[dict[str, Any]]()
_connection = pytest.StashKey[Connection]()


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


# -- before anything of the submission's could be read ---------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Goes no further where pytest might read, or has read, the submission's own
    configuration: the guard was not there to keep it from that."""
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
        opening = judge.opening
        facts = {_node_id(told): told["facts"] for told in opening["submissions"]}
        config.pluginmanager.register(Summary(judge, facts), "conformance-summary")
    config.stash[_opening] = opening
    config.stash[_connection] = Connection(opening["door"])
    config.add_cleanup(config.stash[_connection].close)
    _reject_strangers(config, opening)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[OPENING] = json.dumps(node.config.stash[_opening])


def pytest_report_header(config: pytest.Config) -> list[str]:
    opening = config.stash.get(_opening, None) or {"submissions": []}
    return [f"conformance: {submission['facts']}" for submission in opening["submissions"]]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Interrupted, ends the judge first: items that still wait for it must not hold up
    the end of pytest-xdist's workers."""
    judge = session.config.stash.get(_judge, None)
    if judge is not None and exitstatus == pytest.ExitCode.INTERRUPTED:
        judge.stop()


# -- collection ------------------------------------------------------------------------


def _node_id(submission: dict[str, Any]) -> str:
    name = submission["name"].replace("::", ":").replace("[", "(").replace("]", ")")
    return f"{submission['lab']}::{name}"


def _item_name(scenario: dict[str, Any]) -> str:
    return f"{scenario['clause']} {scenario['name']}"


def _reject_strangers(config: pytest.Config, opening: dict[str, Any]) -> None:
    """Ids of items choose among them; files of tests have no place beside them."""
    config.args = list(config.option.file_or_dir)
    known = {
        _node_id(submission) + end
        for submission in opening["submissions"]
        for end in ["", *(f"::{_item_name(scenario)}" for scenario in submission["scenarios"])]
    }
    if strangers := [argument for argument in config.args if argument not in known]:
        raise pytest.UsageError(
            f"{strangers[0]} is no item of a submission: ids of items may choose among them,"
            " and files of tests are run without --submission"
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
    """One submission: collects an item a scenario."""

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
    kept = [item for item in items if any(_is_within(item.nodeid, given) for given in chosen)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _is_within(node_id: str, given: str) -> bool:
    return node_id == given or node_id.startswith(f"{given}::")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tells the judge what is going to be asked, so that it works ahead."""
    if session.config.option.collectonly:
        return
    wanted: dict[int, list[str]] = {}
    for item in session.items:
        if isinstance(item, JudgedScenario):
            wanted.setdefault(item.submission.index, []).append(item.scenario["clause"])
    if wanted:
        session.config.stash[_connection].want(list(wanted.items()))


# -- running ---------------------------------------------------------------------------


class NotHeld(Exception):  # noqa: N818 - an outcome, no error of ours
    """The clause does not hold."""


class Unjudged(Exception):  # noqa: N818 - an outcome, no error of ours
    """The clause could not be judged: nobody may take this for a pass or a failure."""


class JudgedScenario(pytest.Item):
    """One scenario of one submission."""

    def __init__(self, *, scenario: dict[str, Any], **given: Any) -> None:
        super().__init__(**given)
        assert isinstance(self.parent, JudgedSubmission)
        self.submission = self.parent
        self.scenario = scenario
        self.answer: dict[str, Any] = {}
        self.extra_keyword_matches |= {scenario["level"], scenario["section"]}

    def setup(self) -> None:
        """Waits for the verdict."""
        try:
            self.answer = self.config.stash[_connection].ask(
                self.submission.index, self.scenario["clause"]
            )
        except JudgeGone as gone:
            self.answer = {"trouble": str(gone)}
        if "trouble" in self.answer:
            told = f"the suite itself failed: {self.answer['trouble']}"
            self.answer |= {"message": told, "text": told, "seconds": 0.0}
            raise Unjudged(told)
        self.user_properties += map(tuple, self.answer["properties"])
        if self.answer["notes"]:
            self.add_report_section("setup", "notes", "\n".join(self.answer["notes"]))
        if self.answer["outcome"] == "inconclusive":
            raise Unjudged(self.answer["message"])
        if self.answer["outcome"] == "not_run":
            pytest.skip(self.answer["message"])

    def runtest(self) -> None:
        if self.answer["outcome"] == "advice" and not self.config.option.runxfail:
            pytest.xfail(self.answer["message"])
        if self.answer["outcome"] != "passed":
            raise NotHeld(self.answer["message"])

    def reportinfo(self) -> tuple[Path, None, str]:
        place = self.config.rootpath / self.nodeid.partition("::")[0]
        return place, None, f"{self.submission.name}: {self.name.replace('_', ' ')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tells the account, instead of where in this file an exception was raised; and how
    long the scenario took, instead of how long its item waited."""
    report = yield
    if not isinstance(item, JudgedScenario) or not item.answer:
        return report
    told = item.answer
    last = call.when == "call" or (call.when == "setup" and not report.passed)
    report.duration = told["seconds"] if last else 0.0
    if call.excinfo is not None and isinstance(call.excinfo.value, pytest.skip.Exception):
        report.longrepr = (item.submission.nodeid, 0, told["message"])
    elif call.excinfo is not None and last:
        crash = ReprFileLocation(item.nodeid, 0, told["message"])
        trace = ReprTracebackNative([told["text"]])
        report.longrepr = ReprExceptionInfo(reprcrash=crash, reprtraceback=trace)
    return report
