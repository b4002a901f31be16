"""The points of each submission, at the end of pytest's own report."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.pytest_plugin.link import JudgeProcess


class Summary:
    """Adds up what the items tell, on whichever worker they ran."""

    def __init__(self, judge: JudgeProcess, facts: dict[str, str]) -> None:
        self._judge = judge
        self._facts = facts
        self._marks: dict[str, list[tuple[str, int]]] = {node_id: [] for node_id in facts}
        """Points ("" while they are open) and most points, of each item of a submission."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: dict[str, Any] = dict(report.user_properties)
        marks = self._marks.get(report.nodeid.rpartition("::")[0])
        if report.when == "setup" and marks is not None and "max_points" in told:
            marks.append((told["points"], int(told["max_points"])))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not any(self._marks.values()):
            return
        notes = self._judge.notes() or [[] for _ in self._marks]
        terminalreporter.write_sep("=", "points")
        for (node_id, marks), remarks in zip(self._marks.items(), notes, strict=True):
            points = sum(int(points or 0) for points, _ in marks)
            most = sum(most for _, most in marks)
            provisional = " (provisional)" if any(not points for points, _ in marks) else ""
            score = f"{points} of {most} points{provisional}"
            terminalreporter.write_line(f"{score} · {self._facts[node_id]}")
            for remark in remarks:
                terminalreporter.write_line(f"  {remark}")
