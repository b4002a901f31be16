"""However a command ends, it says why in one sentence."""

from __future__ import annotations

import errno
import os

import pytest

from conformance.cli.output import speaking_plainly


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC])
def test_what_the_machine_would_not_do_is_a_sentence(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, speaking_plainly():
        raise OSError(number, os.strerror(number), "class.jsonl")
    assert ended.value.code == 3
    assert capsys.readouterr().err == f"conformance: class.jsonl: {os.strerror(number).lower()}\n"


def test_a_pipe_that_nobody_reads_is_clicks_affair() -> None:
    with pytest.raises(BrokenPipeError), speaking_plainly():
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
