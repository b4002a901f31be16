"""Writes a report to its file, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.verdict.model import WrongCall


def put_in_place(path: Path, text: str | bytes) -> None:
    """Writes `text` (UTF-8, unless it is bytes) to `path`, so that nobody ever reads half of it.

    The former content stays until the new text is complete. A device or a pipe
    (/dev/stdout) is written to directly. Raises WrongCall if that fails.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        target = path.resolve()  # a symbolic link stays one
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            draft.write_bytes(data)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise WrongCall(f"cannot write the report {path}: {error.strerror}") from error
