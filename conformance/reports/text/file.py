"""Writes a report to its file, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from conformance.verdict.model import WrongCall


def put_in_place(path: Path, text: str | bytes | Iterable[str]) -> None:
    """Writes `text` (UTF-8, unless it is bytes) to `path`, so that nobody ever reads half of it.
    What is too large to be held comes in pieces.

    The former content stays until the new text is complete; an error that a piece raises leaves it
    there, too. A device or a pipe (/dev/stdout) is written to directly. Raises WrongCall if that
    fails.
    """
    pieces = [text] if isinstance(text, str | bytes) else text
    data = (piece.encode("utf-8") if isinstance(piece, str) else piece for piece in pieces)
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(b"".join(data))
            return
        target = path.resolve()  # a symbolic link stays one
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with draft.open("wb") as out:
                out.writelines(data)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise WrongCall(f"cannot write the report {path}: {error.strerror}") from error
