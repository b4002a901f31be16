"""One line on a terminal that says what a check is doing; nothing elsewhere.

It starts no thread: the check forks, and may have only one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from conformance.reports.text import palette
from conformance.reports.text.visible import fit, visible
from conformance.run.doing import Doing, Phase
from conformance.words import _, said

REDRAW = 0.1
"""Seconds between two drawings of the line, unless what it says has changed."""


@contextlib.contextmanager
def progress_line(console: Console, *, shown: bool = True) -> Iterator[Callable[[Doing], None]]:
    """A function that shows what a check is doing, in a line below all that is printed meanwhile.
    The line is gone at the end. Without `shown`, and where the console cannot rewrite a line, there
    is none."""
    # If a CI job asks for colours, rich takes it for a terminal, but it cannot redraw.
    if not (shown and console.is_interactive and console.file.isatty()):
        yield lambda doing: None
        return
    began = drawn = console.get_time()
    former = ""

    def show(doing: Doing) -> None:
        nonlocal drawn, former
        now = console.get_time()
        words = in_one_line(doing)
        if words == former and now - drawn < REDRAW:
            return
        drawn, former = now, words
        line = fit(visible(f"{words} · {now - began:.0f} s"), console.encoding)
        live.update(Text(line, palette.QUIET, no_wrap=True, overflow="ellipsis"), refresh=True)

    live = Live(
        console=console,
        auto_refresh=False,  # it would need a thread
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with live:
        yield show


def in_one_line(doing: Doing) -> str:
    """What goes on, and how far it is: `4.2 with 3 others · 12 of 40`."""
    if doing.phase is Phase.BUILDING:
        return _("building")
    if doing.phase is Phase.WAITING:
        return _("waiting for another check on this machine to end")
    if doing.phase is Phase.SEARCHING:
        return _("holding a conversation again") if doing.alone else _("searching")
    words = _("starting the program") if doing.phase is Phase.STARTING else ""
    if doing.clauses:
        words, others = doing.clauses[0], len(doing.clauses) - 1
        if others:
            words = said(f"{words} with {others} other{'s' * (others > 1)}")
    if doing.alone:
        words = said(f"{words or _('a clause')}, again and alone")
    return " · ".join(filter(None, [words, said(f"{doing.judged} of {doing.todo}")]))
