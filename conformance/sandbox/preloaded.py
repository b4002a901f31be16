"""What forked processes need, loaded before the fork: the one place where that is listed.

A forked process is to import nothing. Where root runs the suite, it becomes a user who may not
be allowed to read the Python that root has installed for itself (pyenv, uv, conda below /root);
and of many sessions each would load the same. What is missing here is found by
`tests/sandbox/test_preloaded.py`, which has every import fail in a forked process.
"""

from __future__ import annotations

import codecs
import importlib
import sys
import sysconfig

from conformance.sandbox import bubblewrap
from conformance.sandbox.hosts import network
from conformance.sandbox.measure import exhaustion

_MODULES = (
    "_strptime",  # for datetime.strptime
    "ast",  # for traceback, which looks for the place in a line
    "concurrent.futures.thread",  # for asyncio, which has names looked up in a thread
    "hashlib",  # for random.Random, from 3.13 on, when its seed is text
    "psutil",
    "stringprep",  # for encodings.idna
    "tracemalloc",  # for warnings, when one is shown
)
"""Those that the standard library, or we, import only when they are needed."""

CODECS = ("ascii", "idna", "latin-1", "punycode", "unicode_escape", "utf-8", "utf-8-sig")
"""Each is a module. The interpreter does without for a few of them, and only mostly."""


def preload() -> None:
    """Make ready what all sessions need, in a process that will fork many: 0.2 s once."""
    for name in _MODULES:
        importlib.import_module(name)
    for name in CODECS:
        codecs.lookup(name)
    sysconfig.get_config_vars()  # a module of its own, for who looks where a program was installed
    if sys.platform.startswith("linux"):
        network.requests()
        bubblewrap.beginning()
        exhaustion.refusal_counters()
