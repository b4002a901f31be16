"""The options of `pytest --submission`: those of `conformance check`, some renamed."""

from __future__ import annotations

import argparse
import os
from typing import Any

import pytest

from conformance.contract.budget import BUDGET


def add(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "conformance: judging a submission")
    option = group.addoption
    option(
        "--submission",
        dest="submissions",
        action="append",
        default=[],
        metavar="PATH",
        help="Judge this submission, each scenario an item. May be given several times.",
    )
    option("--lab", metavar="LAB", help="The lab (may stand in submission.toml).")
    option(
        "--connect",
        metavar="HOST:PORT",
        help="Talk to a server that is already running, instead of starting a submission.",
    )
    option("--clauses", default="", metavar="4.1,5", help="These clauses or sections only.")
    option("--strict-clauses", action="store_true", help="SHOULD clauses count too.")
    option(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="A parameter of the lab (see `conformance labs`).",
    )
    option("--arguments", metavar="WORDS", default="", help="What programs are started with.")
    option("--seed", type=int, help="Repeats the payloads of a former run.")
    option(
        "--timeout-scale",
        type=_scale,
        metavar="X",
        help="Stretches every deadline (default: as this machine is slow).",
    )
    option(
        "--budget",
        type=float,
        default=BUDGET,
        metavar="SECONDS",
        help="Conversation that a submission may take before it is given up (600).",
    )
    option("--jobs", type=_jobs, metavar="N", help="Servers at a time (default: 2 a core).")
    option(
        "--require-tier",
        choices=["full", "network", "none"],
        help="Refuse to run with less isolation than this.",
    )
    option(
        "--network",
        metavar="CONDITIONS",
        help='Have the wire behave like a network: "delay 50ms loss 2%%".',
    )
    option(
        "--fetch-dependencies",
        dest="fetch",
        action="store_true",
        help="Let builds reach the registries of Maven, npm and pip.",
    )
    option(
        "--labs",
        action="append",
        default=[],
        metavar="DIR",
        help="Also the labs in this folder.",
    )
    option("--keep", metavar="DIR", help="Keep run.jsonl and captures in DIR.")


def orders(config: pytest.Config) -> dict[str, Any]:
    chosen = config.option
    return {
        "parent": os.getpid(),
        "submissions": chosen.submissions,
        "keep": chosen.keep,
        "request": {
            "lab": chosen.lab,
            "connect": chosen.connect,
            "only": chosen.clauses,
            "strict": chosen.strict_clauses,
            "settings": chosen.settings,
            "arguments": chosen.arguments,
            "seed": chosen.seed,
            "scale": chosen.timeout_scale,
            "budget": chosen.budget,
            "jobs": chosen.jobs,
            "require_tier": chosen.require_tier,
            "network": chosen.network,
            "fetch": chosen.fetch,
            "labs": chosen.labs,
        },
    }


def _scale(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"it is a number from 0.1 to 100, not {text}")
    return value


def _jobs(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"it is at least 1, not {text}")
    return value
