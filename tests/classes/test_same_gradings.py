"""What tests compare of two gradings: nothing that matters is left out."""

from __future__ import annotations

import json

import pytest

from kit.classroom import Classroom
from kit.same_gradings import captures, without_races

PAGE = """\
    ✗ 3.3   answers every line in order                                       MUST     0/2

✗ 3.3 answers every line in order                                      MUST, 0 of 2 points

  expected  > TWO
  actual    the server closed the connection, 0.03 s after the last line of the
            client; 3 lines had come

  conversation
      0.331 s  client  one⏎
      0.334 s  server  Welcome⏎
  ▶   0.364 s  suite   the server closed the connection
  the program's own last output
    │ listening on port 2323

  see it yourself  printf 'one\\n' | timeout 2 nc localhost 2323
                   nc localhost 2323
  run it again     conformance check YOUR_SERVER --lab echo --only 3.3
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("0.331 s  client  one⏎\n      0.334 s  server  Welcome⏎",
         "0.331 s  server  Welcome⏎\n      0.334 s  client  one⏎", True),
        ("0.03 s after the last line of the\n            client",
         "less than 0.01 s after the last line\n            of the client", True),
        ("printf 'one\\n'", "printf 'one\\ntwo\\n'", True),
        ("listening on", "ready on", True),
        ("    ✗ 3.3", "    ✓ 3.3", False),
        ("> TWO", "> THREE", False),
        ("closed the connection, 0", "sent nothing, 0", False),
        ("run it again", "try it again", False),
    ],
)  # fmt: skip
def test_of_a_page_only_races_are_left_out(old: str, new: str, *, same: bool) -> None:
    assert old in PAGE
    assert (without_races(PAGE.replace(old, new)) == without_races(PAGE)) is same


def test_a_capture_that_has_not_come_along_is_seen(classroom: Classroom) -> None:
    evidence = classroom.out / "evidence" / "ann" / "echo"
    event = {"event": "verdict", "clause": "3.1", "capture": str(evidence / "3.1-echoes-12.pcapng")}
    for folder in (evidence, classroom.out / "runs" / "ann"):
        folder.mkdir(parents=True)
    (classroom.out / "runs" / "ann" / "echo.jsonl").write_text(json.dumps(event) + "\n")
    with pytest.raises(AssertionError):
        captures(classroom.out)
    for suffix in (".pcapng", ".txt"):
        (evidence / f"3.1-echoes-12{suffix}").touch()
    assert captures(classroom.out) == {"ann/echo": {"3.1": "3.1-echoes"}}
