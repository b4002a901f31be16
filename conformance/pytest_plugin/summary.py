"""The points of each submission, at the end of pytest's own report."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.pytest_plugin.answers import remarks
from conformance.pytest_plugin.link import JudgeProcess


class Summary:
    """Adds up the points of the items, whichever worker they ran on."""

    def __init__(self, judge: JudgeProcess, facts: dict[str, str]) -> None:
        self._judge = judge
        self._facts = facts
        self._marks: dict[str, list[tuple[str, int]]] = {node_id: [] for node_id in facts}
        """Points ("" while open) and possible points of each item of a submission."""
        self._clauses: dict[str, set[str]] = {node_id: set() for node_id in facts}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: dict[str, Any] = dict(report.user_properties)
        node_id = report.nodeid.rpartition("::")[0]
        if report.when == "setup" and node_id in self._marks and "max_points" in told:
            self._marks[node_id].append((told["points"], int(told["max_points"])))
            self._clauses[node_id].add(told["clause"])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not any(self._marks.values()):
            return
        self._judge.stop()  # which reads its last events
        terminalreporter.write_sep("=", "points")
        for number, (node_id, marks) in enumerate(self._marks.items()):
            points = sum(int(points or 0) for points, _ in marks)
            most = sum(most for _, most in marks)
            provisional = " (provisional)" if any(not points for points, _ in marks) else ""
            score = f"{points} of {most} points{provisional}"
            terminalreporter.write_line(f"{score} · {self._facts[node_id]}")
            for remark in remarks(self._judge.stream.known(number), self._clauses[node_id]):
                terminalreporter.write_line(f"  {remark}")
