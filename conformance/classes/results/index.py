"""An index of a class's results for SQL queries: DIR/class.db.

It only repeats what the events say, and is made again if it is missing, damaged or of another
version. Tables: `run` (a row for each hand-in that was judged), `verdict` (a row for each of its
clauses), `override` (with an empty clause for a lab's total).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from conformance.classes.model import HandIn
from conformance.classes.results.ledger import Ledger
from conformance.verdict.model import Run
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


def refresh(ledger: Ledger, hand_ins: Iterable[HandIn]) -> None:
    """Updates rows whose run's file has changed, by its size and time. If there is no index that
    can be read, makes it anew."""
    path = ledger.folder / FILE
    try:
        database = _opened(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        database = _opened(path)
    with closing(database), database:
        known = dict(database.execute("SELECT file, stamp FROM run"))
        there = set()
        for hand_in in hand_ins:
            if not ledger.is_current(hand_in):
                continue
            file = ledger.file(hand_in)
            found = os.stat(file)
            stamp = f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"
            name = str(file.relative_to(ledger.folder))
            there.add(name)
            if known.get(name) != stamp:
                _store(database, hand_in, ledger.run(hand_in), name, stamp)
        where = "WHERE (author, lab) IN (SELECT author, lab FROM run WHERE file = ?)"
        for gone in known.keys() - there:
            database.execute(f"DELETE FROM verdict {where}", (gone,))
            database.execute("DELETE FROM run WHERE file = ?", (gone,))
        database.execute("DELETE FROM override")
        database.executemany(
            "INSERT INTO override VALUES (?, ?, ?, ?, ?, ?)",
            (
                (_storable(o.student), o.lab, o.clause, o.points, _storable(o.because), o.at)
                for o in ledger.overrides
            ),
        )


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
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


def _store(
    database: sqlite3.Connection, hand_in: HandIn, run: Run | None, file: str, stamp: str
) -> None:
    key = (_storable(hand_in.author), hand_in.lab)
    database.execute("DELETE FROM run WHERE author = ? AND lab = ?", key)
    database.execute("DELETE FROM verdict WHERE author = ? AND lab = ?", key)
    if run is None:
        return
    total = tally(run.verdicts)
    database.execute(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*key, file, stamp, run.started, run.seconds, run.tier, run.suite,
         total.points, total.possible, total.provisional),
    )  # fmt: skip
    database.executemany(
        "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (*key, v.clause.number, v.clause.scenario, v.level.value, v.outcome.value,
             v.points, v.possible, _storable(v.attempt.actual), v.attempt.blame or "",
             _storable(" ".join(v.attempt.behind)))
            for v in run.verdicts
        ),
    )  # fmt: skip


def _storable(text: str) -> str:
    """The text without lone surrogates, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()
