"""Which labs there are: those of the suite, of a folder, of installed packages.

A lab is any `.py` with a contract, an `.md`, beside it: there is no list to add it to.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import conformance
from conformance.contract.lab import Lab, did_you_mean
from conformance.verdict.model import WrongCall

ENTRY_POINTS = "conformance.labs"
"""Group of entry points: each names a package whose folder holds labs."""


class Catalog:
    """The labs by their names, and by those of their variants."""

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
    own = Path(conformance.__file__).parent / "labs"
    for name in _names(own):
        yield from _in_module(importlib.import_module(f"conformance.labs.{name}"))
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


def _names(folder: Path) -> list[str]:
    """The modules in the folder that have a contract beside them."""
    return sorted(path.stem for path in folder.glob("*.py") if path.with_suffix(".md").is_file())


def _in_folder(folder: Path) -> Iterator[Lab]:
    for name in _names(folder):
        path = (folder / f"{name}.py").resolve()
        module_name = f"conformance_lab_{name}"
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            raise WrongCall(f"the lab in {path} cannot be loaded: it is no Python source")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise WrongCall(f"the lab in {path} cannot be loaded: {error}") from error
        yield from _in_module(module)


def _in_module(module: ModuleType) -> Iterator[Lab]:
    for value in vars(module).values():
        if isinstance(value, Lab):
            if complaints := value.complaints():
                raise WrongCall(f"the lab {value.name} is not complete: {'; '.join(complaints)}")
            yield value
