"""Real web servers, judged by the clauses of http-server: which of them each fails.

A server that is not installed is named, and left out. What each fails was checked against the RFCs
by hand: docs/web-servers.md.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .tables import Sizes, Table, say

PROGRAMS = Path(__file__).parent / "web_servers"
NEEDED = {
    "nginx": "nginx",
    "apache": "apache2",
    "lighttpd": "lighttpd",
    "caddy": "caddy",
    "jetty": "/usr/share/java/jetty9-server.jar",
    "python_http_server": "python3",
    "node_http": "node",
}
"""By the folder of each: what has to be there. Debian's packages are called so, but apache2-bin and
libjetty9-java."""
ECHOES = ("node_http",)


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    rows, missing = [], []
    for name, needed in NEEDED.items():
        if not _is_there(needed):
            missing.append(name)
            continue
        say(f"real: {name}")
        rows.append([name, *_judged(name, folder / f"{name}.json")])
    told = f"; not installed: {', '.join(missing)}" if missing else ""
    yield Table(
        f"Real web servers, by the clauses of http-server{told}",
        ["server", "points", "MUSTs that it fails", "SHOULDs that it fails", "open"],
        rows,
    )


def _is_there(needed: str) -> bool:
    path = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
    return Path(needed).exists() or shutil.which(needed, path=path) is not None


def _judged(name: str, report: Path) -> list[str]:
    words = [sys.executable, "-m", "conformance", "check", str(PROGRAMS / name)]
    words += ["--lab", "http-server", "--json", str(report)]
    words += [] if name in ECHOES else ["--set", "post=none"]
    subprocess.run(words, stdout=subprocess.DEVNULL, check=False)
    told = json.loads(report.read_text(encoding="utf-8"))

    def those(level: str, outcome: str) -> str:
        found = [
            each["clause"]
            for each in told["verdicts"]
            if each["outcome"] == outcome and level in ("", each["level"])
        ]
        return ", ".join(found) or "none"

    points = f"{told['points']} of {told['max_points']}"
    failed = those("MUST", "failed"), those("SHOULD", "failed")
    return [points, *failed, those("", "inconclusive")]
