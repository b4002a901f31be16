"""The modules that forked processes need, loaded before the fork.

A forked process must import nothing: it may become a user who cannot read root's Python (pyenv, uv,
conda below /root), and each of many sessions would load the same again. What is missing here is
found by `tests/sandbox/test_preloaded.py`, which has every import fail in a forked process.
"""

from __future__ import annotations

import codecs
import importlib
import sys
import sysconfig

from conformance.sandbox import bubblewrap
from conformance.sandbox.hosts import bridge, network
from conformance.sandbox.measure import exhaustion, py_spy

_MODULES = (
    "_strptime",  # for datetime.strptime
    "ast",  # for traceback, which looks for the place in a line
    "concurrent.futures.thread",  # for asyncio, which has names looked up in a thread
    "hashlib",  # for random.Random, from 3.13 on, when its seed is text
    "psutil",
    "stringprep",  # for encodings.idna
    "tracemalloc",  # for warnings, when one is shown
)
"""Modules that the standard library, or we, import only when they are needed."""

CODECS = ("ascii", "idna", "latin-1", "punycode", "unicode_escape", "utf-8", "utf-8-sig")
"""Codecs that are modules; the interpreter has a few of them built in, but not for every use."""


def preload() -> None:
    """Load what all sessions need, in a process that will fork many: 0.2 s, once."""
    for name in _MODULES:
        importlib.import_module(name)
    for name in CODECS:
        codecs.lookup(name)
    sysconfig.get_config_vars()  # imports a module that is used to find installed programs
    if sys.platform.startswith("linux"):
        network.requests()
        bridge.requests()
        bubblewrap.beginning()
        exhaustion.refusal_counters()
        py_spy.opened()
