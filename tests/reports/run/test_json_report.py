from __future__ import annotations

import base64
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.reports.run import json_report
from conformance.verdict.model import Run
from conformance.verdict.transcript import Series
from kit.runs import ALICE, BEHIND_A_FAULT, BYE_IN_LOWER_CASE, NOISY, said, with_symptom

TOP = ["schema", "suite", "tier", "lab", "parameters", "submission", "seed", "points",
       "max_points", "verdicts"]  # fmt: skip
VERDICT = ["clause", "scenario", "level", "outcome", "points", "max_points", "expected",
           "actual", "hint", "seconds", "reproduce", "transcript"]  # fmt: skip


def document(run: Run) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json_report.to_text(run))
    return parsed


def test_the_document_has_the_keys_that_were_promised() -> None:
    told = document(ALICE)
    assert set(TOP) <= set(told)
    assert all(set(VERDICT) <= set(verdict) for verdict in told["verdicts"])
    assert told["schema"] == "conformance.run/1"
    assert (told["points"], told["max_points"], told["provisional"]) == (4, 9, True)
    bye = next(verdict for verdict in told["verdicts"] if verdict["clause"] == "4.1")
    assert bye["transcript"][2] == {"at": 0.003, "who": "client", "what": "BYE\n"}
    assert bye["expected"] == "> BYE\n"


def test_what_could_not_be_judged_has_no_points() -> None:
    doubt = next(v for v in document(ALICE)["verdicts"] if v["clause"] == "3.2")
    assert doubt["points"] is None
    assert doubt["max_points"] == 2


def test_the_worth_is_whole_and_what_was_not_shown_says_behind_which() -> None:
    told = document(BEHIND_A_FAULT)
    assert (told["points"], told["max_points"], told["not_shown"]) == (1, 9, 5)
    by_clause = {verdict["clause"]: verdict for verdict in told["verdicts"]}
    told_of = {n: (v["blame"], v["behind"], v["kind"]) for n, v in by_clause.items()}
    assert told_of["3.1"] == (None, [], "form")
    assert told_of["3.2"] == told_of["5.2"] == ("program", ["3.1"], "form")
    assert told_of["4.1"] == ("call", [], None)
    assert [by_clause[n]["max_points"] for n in ("3.1", "3.2", "4.1", "5.2")] == [3, 2, 0, 3]


@pytest.mark.parametrize(
    "run", [ALICE, BEHIND_A_FAULT, NOISY, replace(ALICE, verdicts=()), with_symptom()]
)
def test_the_document_is_as_its_schema_says(run: Run) -> None:
    schema = json.loads(files("conformance.reports").joinpath("run-1.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document(run))
    described = set(schema["$defs"]["verdict"]["properties"])
    assert set(schema["properties"]) == set(document(run)) | {"search", "network"}, (
        "where asked for"
    )
    where_known = {"lines", "stumbled", "disordered", "symptom", "client", "proof", "thrown"}
    where_known |= {"stood", "queued"}
    assert all({*verdict} | where_known == described for verdict in document(run)["verdicts"])
    tried = set(schema["$defs"]["attempt"]["properties"])
    attempts = [a for verdict in document(run)["verdicts"] for a in verdict["earlier"]]
    assert all({*attempt} | where_known == tried for attempt in attempts)


def test_it_tells_how_the_program_was_started() -> None:
    told = document(replace(ALICE, command=("java", "Server", "2424"), folder="src"))
    assert (told["command"], told["folder"]) == (["java", "Server", "2424"], "src")


def test_any_reader_takes_it_and_no_byte_is_lost() -> None:
    verdict = BYE_IN_LOWER_CASE.with_attempt(
        transcript=said((0.0, "server", "caf\udce9 \U0001f600\n"))
    )
    text = json_report.to_text(replace(ALICE, verdicts=(verdict,)))
    assert text.isascii()
    json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")  # no lone surrogate
    (entry,) = json.loads(text)["verdicts"][0]["transcript"]
    assert entry["what"] == "caf\\xe9 \U0001f600\n"
    assert base64.b64decode(entry["base64"]) == b"caf\xe9 \xf0\x9f\x98\x80\n"


def test_hostile_texts_are_carried_whole() -> None:
    told = document(NOISY)
    assert "\x1b[2J" in told["verdicts"][0]["actual"]
    assert "]]> <script>" in told["submission"]


def test_it_is_put_in_place_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("before")
    json_report.write(ALICE, path)
    assert json.loads(path.read_text()) == document(ALICE)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "run.json")
    json_report.write(ALICE, link)
    assert link.is_symlink()
    assert json.loads((tmp_path / "run.json").read_text()) == document(ALICE)


def test_a_device_is_written_to() -> None:
    json_report.write(ALICE, Path("/dev/null"))
    assert not Path("/dev/null").is_file()


def test_what_came_in_a_rhythm_can_be_plotted() -> None:
    talk = replace(
        said((0.1, "server", "tick\n")),
        clock="kernel",
        clock_error=0.06,
        series=(Series("line", 1.0, 0.31, (0.1, 1.1234567), 3),),
    )
    verdict = BYE_IN_LOWER_CASE.with_attempt(transcript=talk, timed=True, capture="kept/4.1-1.pcap")
    run = replace(ALICE, verdicts=(verdict,))
    (told,) = document(run)["verdicts"]
    assert (told["clock"], told["clock_error"], told["timed"]) == ("kernel", 0.06, True)
    assert told["capture"] == "kept/4.1-1.pcap"
    assert told["cadence"] == [
        {"what": "line", "period": 1.0, "tolerance": 0.31, "times": [0.1, 1.123457], "count": 3}
    ]
    schema = json.loads(files("conformance.reports").joinpath("run-1.schema.json").read_text())
    Draft202012Validator(schema).validate(document(run))
