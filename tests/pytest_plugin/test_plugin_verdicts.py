"""What becomes of a clause in pytest, and that it is what `conformance check` says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from kit.door import Door
from kit.installation import ECHO, STUB, WITHIN, Installation, cases, outcome, properties


def test_each_outcome_has_its_own_place_in_pytest(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    junit = tmp_path / "junit.xml"
    done = installation.run(
        *("--connect", door.address, "--lab", "stub", "--labs", STUB),
        *("--seed", "7", "-rA", "--junitxml", junit, "-W", "error"),
        cwd=tmp_path,
    )
    assert done.status == 1
    assert "1 failed, 4 passed, 1 skipped, 1 xfailed, 1 error" in done
    assert "5 of 10 points (provisional)" in done
    assert "1 point not shown, all behind 2.2: mend that first" in done
    found = cases(junit)
    assert {number: outcome(case) for number, case in found.items()} == {
        "1.1": "passed",
        "2.1": "passed",
        "2.2": "failure",
        "2.3": "xfail",
        "2.4": "skipped",
        "2.5": "error",
        "3.1": "passed",
        "3.2": "passed",
    }
    assert found["2.2"].get("classname") == f"stub.{door.address}"
    told = properties(found["2.2"])
    assert {
        "clause": "2.2",
        "level": "MUST",
        "points": "0",
        "max_points": "3",
        "lab": "stub",
        "submission": door.address,
        "tier": "remote",
        "seed": "7",
    }.items() <= told.items()
    assert properties(found["2.5"])["points"] == ""
    hidden = properties(found["2.4"])
    assert (hidden["points"], hidden["max_points"], hidden["behind"]) == ("0", "1", "2.2")


def test_a_failure_shows_the_account_and_nothing_of_our_code(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    call = ("--connect", door.address, "--lab", "stub", "--labs", STUB, "-n", "2")
    done = installation.run(*call, "--clauses", "2.2,2.5", cwd=tmp_path)
    assert "expected  >␣HELLO" in done
    assert "actual    >HELLO" in done
    assert "The space is missing." in done
    assert "does not hold: expected > HELLO, got >HELLO" in done  # in the short summary
    assert "inconclusive: makes the suite stumble" in done
    assert "runtest" not in done
    assert "items.py" not in done


def test_should_counts_where_it_is_asked_to(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    call = ("--connect", door.address, "--lab", "stub", "--labs", STUB)
    done = installation.run(*call, "--clauses", "2.3", "--strict-clauses", cwd=tmp_path)
    assert done.status == 1
    assert "1 failed" in done
    done = installation.run(*call, "--clauses", "2.3", cwd=tmp_path)
    assert done.status == 0
    assert "1 xfailed" in done


def test_what_was_not_shown_fails_where_nothing_in_sight_pays_for_it(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    call = ("--connect", door.address, "--lab", "stub", "--labs", STUB)
    done = installation.run(*call, "--clauses", "2.4", cwd=tmp_path)
    assert done.status == 1
    assert "1 failed" in done
    assert "not shown: cannot be tested: it stands behind clause 2.2" in done
    assert "0 of 1 points" in done


@pytest.mark.slow
def test_the_verdicts_are_those_of_check(installation: Installation, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.py"
    text = ECHO.read_text().replace('PREFIX = "> "', 'PREFIX = ">"')
    faulty.write_text(text.replace("PORT = 2323", "PORT = 2323\nprint(end='')"))
    asked = ("--lab", "echo", "--seed", "11")
    only = "1.1,3.1,3.3,3.7,4.1,4.3,5.2,6.3"
    junit = tmp_path / "junit.xml"
    done = installation.run(
        *("--submission", ECHO, f"--submission={faulty}", *asked, "--clauses", only),
        *("-n", "4", "--junitxml", junit),
        cwd=tmp_path,
    )
    assert done.status == 1
    told = {}
    from xml.etree import ElementTree

    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        its = properties(case)
        told[its["submission"], its["clause"]] = (its["outcome"], its["points"])
    expected = {}
    for path in (ECHO, faulty):
        call = ["-m", "conformance", "check", str(path), *asked, "--only", only, "--json", "-"]
        checked = subprocess.run(
            [installation.python, *call], capture_output=True, check=False, timeout=WITHIN
        )
        run = json.loads(checked.stdout)
        for verdict in run["verdicts"]:
            points = "" if verdict["points"] is None else str(verdict["points"])
            expected[path.stem, verdict["clause"]] = (verdict["outcome"], points)
    assert told == expected
    assert told["faulty", "3.1"][0] == "failed"


def test_keep_leaves_events_that_report_renders(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    call = ("--connect", door.address, "--lab", "stub", "--labs", STUB)
    installation.run(*call, "--clauses", "2.1,2.2", "--keep", tmp_path / "kept", cwd=tmp_path)
    report = ["-m", "conformance", "report", str(tmp_path / "kept" / "run.jsonl"), "--json", "-"]
    rendered = subprocess.run(
        [installation.python, *report], capture_output=True, check=False, timeout=WITHIN
    )
    run = json.loads(rendered.stdout)
    outcomes = {verdict["clause"]: verdict["outcome"] for verdict in run["verdicts"]}
    assert outcomes == {"2.1": "passed", "2.2": "failed"}, "what was asked for, as check keeps it"
