"""What a submission brings along is neither read nor imported by pytest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kit.installation import ECHO, Installation

MARK = "import os, pathlib; pathlib.Path(os.environ['MARK']).write_text(__file__)\n"
"""Leaves a mark, whoever imports it. Nothing in a sandbox can: the path is not there."""

MODULES = [
    "conftest",
    "evil",
    "sitecustomize",
    "usercustomize",
    "socket",
    "threading",
    "json",
    "pytest",
    "execnet",
    "conformance",
    "test_evil",
]

CONFIGURATIONS = {
    "pytest.ini": "[pytest]\naddopts = -p evil -p no:conformance\npythonpath = .\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\npythonpath = ["."]\n',
    "tox.ini": "[pytest]\naddopts = --disable-plugin-autoload\npythonpath = .\n",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only\nrequired_plugins = nothing\n",
    ".pytest.ini": "[pytest]\naddopts = -k nothing\nminversion = 99\n",
}


def hostile(folder: Path, configuration: str) -> Path:
    """A submission that answers as it should, in a folder full of traps."""
    folder.mkdir()
    for name in MODULES:
        (folder / f"{name}.py").write_text(MARK)
    (folder / "tests").mkdir()
    (folder / "tests" / "conftest.py").write_text(MARK)
    (folder / configuration).write_text(CONFIGURATIONS[configuration])
    shutil.copy(ECHO, folder / "server.py")
    (folder / "submission.toml").write_text(
        'lab = "echo"\ncommand = ["python3", "-P", "server.py"]\n'
    )
    return folder


@pytest.fixture
def mark(installation: Installation, tmp_path: Path) -> Path:
    path = tmp_path / "mark"
    installation.environment["MARK"] = str(path)
    return path


@pytest.mark.parametrize(
    ("configuration", "call", "module"),
    [
        ("pytest.ini", (), False),
        ("pyproject.toml", ("-n", "2"), True),
        ("tox.ini", (), True),
        ("setup.cfg", ("-n", "2"), False),
        (".pytest.ini", (), True),
    ],
)
def test_started_inside_the_submission(
    installation: Installation,
    tmp_path: Path,
    mark: Path,
    configuration: str,
    call: tuple[str, ...],
    module: bool,
) -> None:
    folder = hostile(tmp_path / "mallory", configuration)
    installation.environment["PYTHONPATH"] = "."
    before = sorted(folder.rglob("*"))
    asked = ("--submission", ".", "--clauses", "1.1,3.1", *call)
    done = installation.run(*asked, cwd=folder, module=module)
    assert not mark.exists(), mark.read_text()
    assert "2 passed" in done
    assert sorted(folder.rglob("*")) == before


def test_started_elsewhere(installation: Installation, tmp_path: Path, mark: Path) -> None:
    folder = hostile(tmp_path / "mallory", "pytest.ini")
    done = installation.run("--submission", folder, "--clauses", "1.1", cwd=tmp_path)
    assert not mark.exists(), mark.read_text()
    assert "1 passed" in done


def test_refuses_where_the_guard_is_not_installed(
    installation: Installation, tmp_path: Path
) -> None:
    """Without the line that Python reads as it starts (-S), nothing is imported either."""
    (tmp_path / "conftest.py").write_text("raise SystemError('imported')\n")
    program = (
        "import sys, os; import site; sys.path += site.getsitepackages();"
        "import sysconfig; exec(open(os.environ['PATHS']).read()); import pytest;"
        "sys.exit(pytest.main(['-p', 'conformance.pytest_plugin', '--submission', '.']))"
    )
    paths = tmp_path / "paths"
    [listed] = installation.folder.glob("lib/*/site-packages/_conformance.pth")
    paths.write_text(f"sys.path += {listed.read_text().split()!r}\n")
    installation.environment["PATHS"] = str(paths)
    # Loaded by its name alone, whether the suite is installed beside pytest or not.
    installation.environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = installation.python_runs("-S", "-P", "-c", program, cwd=tmp_path)
    assert done.status == 4
    assert "pytest -c /dev/null --noconftest --rootdir=. --submission" in done
    assert "imported" not in done
