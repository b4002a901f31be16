"""pytest's own ways to choose, to stop and to list; and calls that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.door import Door
from kit.installation import ECHO, STUB, Installation


def stub(door: Door) -> tuple[object, ...]:
    return ("--connect", door.address, "--lab", "stub", "--labs", STUB)


def test_collecting_holds_no_conversation(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    done = installation.run(*stub(door), "--collect-only", "-q", cwd=tmp_path)
    assert done.status == 0
    assert f"stub::{door.address}::2.2 does_not_hold\n" in done
    assert "8 tests collected" in done
    assert door.all_heard() == []


def test_k_chooses_by_words_numbers_and_levels(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    done = installation.run(*stub(door), "-v", "-k", "holds or SHOULD", cwd=tmp_path)
    assert "2.1 holds PASSED" in done
    assert "2.3 is_advice XFAIL" in done
    assert "6 deselected" in done
    assert set(door.all_heard()) == {"gate", "holds"}  # what was not chosen was not held


def test_x_stops_at_the_first_failure(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    done = installation.run(*stub(door), "-x", cwd=tmp_path)
    assert done.status == 1
    assert "stopping after 1 failures" in done
    assert "1 failed, 2 passed" in done


def test_what_failed_last_is_run_again_by_lf_or_by_its_id(
    installation: Installation, door: Door, tmp_path: Path
) -> None:
    named = (*stub(door)[2:], "--connect", door.address)
    installation.run(*named, "--maxfail=1", "-q", cwd=tmp_path)
    again = installation.run(*named, "--lf", "-q", cwd=tmp_path)
    assert "1 failed, 7 deselected" in again
    by_id = installation.run(*named, f"stub::{door.address}::2.2 does_not_hold", cwd=tmp_path)
    assert "1 failed, 7 deselected" in by_id
    assert not list(tmp_path.iterdir())  # pytest's cache lies elsewhere


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (("--submission", "nowhere.py", "--lab", "echo"), "there is no file or folder"),
        (("--submission", ECHO, "--lab", "nothing"), "there is no lab 'nothing'; there are"),
        (("--submission", ECHO), "which lab is thread_per_client for?"),
        (("--submission", ECHO, "--lab", "echo", "--clauses", "9.9"), "has no such clause"),
        (("--submission", ECHO, "--lab", "echo", "--set", "speed=9"), "no parameter 'speed'"),
        (("--submission", ECHO, "--lab", "echo", "--set", "speed"), "NAME=VALUE"),
        (("--submission", ECHO, "--lab", "echo", "--timeout-scale", "0"), "0.1 to 100"),
        (("--submission", ECHO, "--lab", "echo", "test_it.py"), "test_it.py is no item"),
        (("--connect", "nohost", "--lab", "echo"), "--connect wants HOST:PORT"),
        (("--submission", ECHO, "--connect", "h:1", "--lab", "echo"), "not both"),
        (("--submission", ECHO, "--lab", "echo", "--pdb"), "nothing to show"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    installation: Installation, tmp_path: Path, call: tuple[object, ...], sentence: str
) -> None:
    done = installation.run(*call, "-q", cwd=tmp_path)
    assert done.status == 4
    assert sentence in done
    assert "Traceback" not in done
    assert "INTERNALERROR" not in done


def test_without_a_submission_the_plugin_is_not_there(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n"
        "def test_plain(request):\n"
        "    assert not request.config.pluginmanager.has_plugin('conformance-items')\n"
        "    assert not hasattr(request.config.option, 'lab')\n"
        "    names = {name for name in sys.modules if name.startswith('conformance.')}\n"
        "    assert not names & {'conformance.run.engine', 'conformance.pytest_plugin.items'}\n"
    )
    done = installation.run("-W", "error", cwd=tmp_path)
    assert "1 passed" in done
    assert "conformance:" not in done
    unknown = installation.run("--lab", "echo", cwd=tmp_path)
    assert unknown.status == 4
    assert "unrecognized arguments: --lab" in unknown
    assert "--strict-clauses" in installation.run("--help", cwd=tmp_path)
