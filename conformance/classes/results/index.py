"""An index of a class's results for SQL queries: DIR/class.db.

It only repeats what the events say, and is made again if it is missing, damaged or of another
version. Tables: `run` (a row for each hand-in that was judged), `verdict` (a row for each of its
clauses), `override` (with an empty clause for a lab's total).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable

from conformance.classes.model import HandIn
from conformance.classes.results.ledger import Ledger
from conformance.verdict.points import tally

FILE = "class.db"
VERSION = 2

_SCHEMA = """
CREATE TABLE run (
    author TEXT NOT NULL, lab TEXT NOT NULL, file TEXT NOT NULL, stamp TEXT NOT NULL,
    started TEXT NOT NULL, seconds REAL NOT NULL, tier TEXT NOT NULL, suite TEXT NOT NULL,
    points INTEGER NOT NULL, max_points INTEGER NOT NULL, provisional INTEGER NOT NULL,
    PRIMARY KEY (author, lab));
CREATE TABLE verdict (
    author TEXT NOT NULL, lab TEXT NOT NULL, clause TEXT NOT NULL, scenario TEXT NOT NULL,
    level TEXT NOT NULL, outcome TEXT NOT NULL, points INTEGER, max_points INTEGER NOT NULL,
    actual TEXT NOT NULL, blame TEXT NOT NULL, behind TEXT NOT NULL,
    PRIMARY KEY (author, lab, clause));
CREATE TABLE override (
    author TEXT NOT NULL, lab TEXT NOT NULL, clause TEXT NOT NULL, points INTEGER NOT NULL,
    because TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (author, lab, clause));
"""


class Index:
    """The index of one ledger. Close it, or use it as a context manager."""

    def __init__(self, ledger: Ledger) -> None:
        """Opens the index, or creates it if there is none that can be read."""
        self._ledger = ledger
        self._path = ledger.folder / FILE
        try:
            self._database = self._opened()
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            self._database = self._opened()

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path)
        try:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                for table in ("run", "verdict", "override"):
                    database.execute(f"DROP TABLE IF EXISTS {table}")
                database.executescript(_SCHEMA)
                database.execute(f"PRAGMA user_version = {VERSION}")
                database.commit()
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def refresh(self, hand_ins: Iterable[HandIn]) -> None:
        """Updates rows whose run's file has changed, by its size and time."""
        known = dict(self._database.execute("SELECT file, stamp FROM run"))
        there = set()
        with self._database:
            for hand_in in hand_ins:
                file = self._ledger.file(hand_in)
                if not self._ledger.is_current(hand_in):
                    continue
                found = os.stat(file)
                stamp = f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"
                name = str(file.relative_to(self._ledger.folder))
                there.add(name)
                if known.get(name) != stamp:
                    self._store(hand_in, name, stamp)
            where = "WHERE (author, lab) IN (SELECT author, lab FROM run WHERE file = ?)"
            for gone in known.keys() - there:
                self._database.execute(f"DELETE FROM verdict {where}", (gone,))
                self._database.execute("DELETE FROM run WHERE file = ?", (gone,))
            self._store_overrides()

    def _store(self, hand_in: HandIn, file: str, stamp: str) -> None:
        key = (_storable(hand_in.author), hand_in.lab)
        run = self._ledger.run(hand_in)
        self._database.execute("DELETE FROM run WHERE author = ? AND lab = ?", key)
        self._database.execute("DELETE FROM verdict WHERE author = ? AND lab = ?", key)
        if run is None:
            return
        total = tally(run.verdicts)
        self._database.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, file, stamp, run.started, run.seconds, run.tier, run.suite,
             total.points, total.possible, total.provisional),
        )  # fmt: skip
        self._database.executemany(
            "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (*key, v.clause.number, v.clause.scenario, v.level.value, v.outcome.value,
                 v.points, v.possible, _storable(v.attempt.actual), v.attempt.blame or "",
                 _storable(" ".join(v.attempt.behind)))
                for v in run.verdicts
            ),
        )  # fmt: skip

    def _store_overrides(self) -> None:
        self._database.execute("DELETE FROM override")
        self._database.executemany(
            "INSERT INTO override VALUES (?, ?, ?, ?, ?, ?)",
            (
                (_storable(o.student), o.lab, o.clause, o.points, _storable(o.because), o.at)
                for o in self._ledger.overrides
            ),
        )


def _storable(text: str) -> str:
    """The text without lone surrogates, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()
