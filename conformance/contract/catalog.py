"""Which labs there are: those of the suite, of a folder, of installed packages.

A lab is a `.py` with its contract, an `.md`, beside it, or a folder NAME with NAME.py, NAME.md and
more modules that add scenarios. Labs are found; they need not be registered.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

from conformance.contract.lab import Lab
from conformance.contract.parameter import did_you_mean
from conformance.contract.stumble import keep_lines, stumbled
from conformance.verdict.model import WrongCall

ENTRY_POINTS = "conformance.labs"
"""Group of entry points: each names a package whose folder holds labs."""


class Catalog:
    """The labs, by name and by the names of their variants."""

    def __init__(self, labs: Iterator[Lab]) -> None:
        self.labs: dict[str, Lab] = {}
        for lab in labs:
            for name in (lab.name, *lab.variants):
                if name in self.labs:
                    raise WrongCall(
                        f"two labs are called {name}: {self.labs[name].file}, {lab.file}"
                    )
                self.labs[name] = lab

    def __getitem__(self, name: str) -> Lab:
        """The lab of that name. Raises WrongCall where there is none."""
        if name not in self.labs:
            raise WrongCall(
                f"there is no lab {name!r}; there are {', '.join(sorted(self.labs))}"
                f"{did_you_mean(name, sorted(self.labs))}"
            )
        return self.labs[name]


def load(folders: Sequence[Path] = ()) -> Catalog:
    """All labs: the suite's own, those of installed packages, those in `folders`."""
    return Catalog(_labs(folders))


def _labs(folders: Sequence[Path]) -> Iterator[Lab]:
    yield from _in_folder(Path(__file__).parents[1] / "labs", "conformance.labs.{}")
    for point in entry_points(group=ENTRY_POINTS):
        package = point.load()
        for folder in getattr(package, "__path__", ()):
            yield from _in_folder(Path(folder))
    for folder in folders:
        if not folder.is_dir():
            raise WrongCall(f"--labs: there is no folder {folder}")
        found = list(_in_folder(folder))
        if not found:
            raise WrongCall(
                f"--labs: {folder} holds no lab (a .py with its contract .md beside it)"
            )
        yield from found


def _in_folder(folder: Path, package: str = "") -> Iterator[Lab]:
    """The labs in a folder. `package`: the package that they are in; "": a package is made for each
    lab, so that its modules can import one another."""
    for name, place in sorted(_places(folder)):
        outer = package.format(name) or _made_package(f"conformance_lab_{name}", place)
        lab = _load(f"{outer}.{name}", place)
        for path in sorted(place.glob("*.py")) if place != folder else ():
            if not path.stem.startswith("__"):
                _load(f"{outer}.{path.stem}", place)
        for found in vars(lab).values():
            if isinstance(found, Lab):
                if complaints := found.complaints():
                    told = "; ".join(complaints)
                    raise WrongCall(f"the lab {found.name} is not complete: {told}")
                yield found


def _places(folder: Path) -> Iterator[tuple[str, Path]]:
    """The name of each lab, and the folder that holds its module and its contract."""
    for path in folder.iterdir():
        if path.suffix == ".py" and path.with_suffix(".md").is_file():
            yield path.stem, folder
        elif all((path / f"{path.name}{suffix}").is_file() for suffix in (".py", ".md")):
            yield path.name, path


def _made_package(name: str, folder: Path) -> str:
    """Makes the folder a package of that name, replacing one that has it. Returns the name."""
    for loaded in [module for module in sys.modules if f"{module}.".startswith(f"{name}.")]:
        del sys.modules[loaded]
    importlib.invalidate_caches()
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder.resolve())]
    sys.modules[name] = module_from_spec(spec)
    return name


def _load(name: str, folder: Path) -> ModuleType:
    try:
        module = importlib.import_module(name)
    except Exception as error:
        path = folder / f"{name.rpartition('.')[2]}.py"
        told = stumbled(error, folder) or error
        raise WrongCall(f"the lab in {path} cannot be loaded: {told}") from error
    keep_lines(module.__file__)
    return module
