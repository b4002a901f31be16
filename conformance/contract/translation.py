"""A contract in another language: `echo.fr.md` stands beside `echo.md`.

It is the same contract. Numbers, levels, weights, names of scenarios and parameters are equal, only
sentences differ. Each clause has a title, which takes the place of its scenario's English name::

    - **4.1** MUST (3) `hangs_up_after_bye` « raccroche après BYE »: … *Fautes: …*

Some values that a lab shows are English words. A comment at the end of the file, which no reader
sees, translates them; `{}` stands for any text::

    <!-- values
    in upper case = en majuscules
    {} whole lines = {} lignes entières
    -->

Values without a translation are shown as they are: numbers, and what goes over the wire.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.contract.markdown import Contract, ContractError, read_contract

NOTHING = {"fr": "rien"}
"""The languages that a contract may be translated into, and what each says of an empty value."""

_VALUES, _END = "\n<!-- values\n", "-->"
"""Around the phrases, at the end of the file. No pattern: it would go back for each beginning."""


@dataclass(frozen=True)
class Phrase:
    """Words that a lab puts into its contract, and their translation."""

    english: str
    translated: str

    def translate(self, value: str) -> str | None:
        """The translation of a value that reads so; None of any other."""
        parts = [re.escape(part) for part in self.english.split("{}")]
        match = re.fullmatch("(.*)".join(parts), value, re.DOTALL)
        return self.translated.format(*match.groups()) if match else None


@dataclass(frozen=True)
class Translation:
    """A contract in another language, before values are put in."""

    language: str
    markdown: str
    """The text, without the comment that translates values."""
    phrases: tuple[Phrase, ...]

    def with_values(self, values: Mapping[str, str]) -> Contract:
        """The contract with these values, which the lab says in English, filled in."""
        told = {name: self.value(value) for name, value in values.items()}
        return read_contract(self.markdown, told, NOTHING[self.language])

    def value(self, english: str) -> str:
        """A value in this language: by the first phrase that fits, else as it is."""
        found = (phrase.translate(english) for phrase in self.phrases)
        return next((each for each in found if each is not None), english)


def translations_beside(contract: Path) -> dict[str, Path]:
    """The translations of a contract that stand beside it, by language."""
    paths = {language: contract.with_suffix(f".{language}.md") for language in NOTHING}
    return {language: path for language, path in paths.items() if path.is_file()}


def read_translation(path: Path, contract: Contract) -> Translation:
    """The translation in the file NAME.LANGUAGE.md of a contract without values filled in. Raises
    ContractError, with the file's name, where the two are not the same contract."""
    text = path.read_text(encoding="utf-8")
    markdown, values, lines = text.partition(_VALUES)
    ends = text.rstrip().endswith(_END)
    phrases = tuple(_phrases(path.name, lines.rstrip().removesuffix(_END))) if ends else ()
    markdown = f"{markdown}\n" if values and ends else text
    translation = Translation(path.suffixes[-2].removeprefix("."), markdown, phrases)
    try:
        wrong = next(_differences(translation, read_contract(markdown), contract), None)
    except ContractError as error:
        wrong = str(error)
    if wrong:
        raise ContractError(f"{path.name}: {wrong}")
    return translation


def _phrases(name: str, lines: str) -> Iterator[Phrase]:
    for line in filter(str.strip, lines.splitlines()):
        english, equals, translated = line.partition(" = ")
        if not equals or english.count("{}") != translated.count("{}"):
            raise ContractError(f"{name}: this is not how a value is translated: {line!r}")
        yield Phrase(english.strip(), translated.strip())


def _differences(translation: Translation, there: Contract, here: Contract) -> Iterator[str]:
    """Where the translation `there` is not the contract `here`, as sentences."""
    numbers = [clause.number for clause in there.clauses]
    for clause in here.clauses:
        if clause.number not in numbers:
            yield f"clause {clause.number} is missing"
    known = [clause.number for clause in here.clauses]
    for number in numbers:
        if number not in known:
            yield f"clause {number} is not in the contract"
    if numbers != known:
        yield "the clauses are not in the contract's order"
    for one, other in zip(there.clauses, here.clauses, strict=True):
        if (one.level, one.weight) != (other.level, other.weight):
            yield f"the level or the weight of clause {one.number} is not the contract's"
        if one.scenario != other.scenario:
            yield f"clause {one.number} is tested by `{other.scenario}`, not by `{one.scenario}`"
        if one.number not in there.titles:
            yield f"clause {one.number} has no title « … » behind its scenario"
        if bool(one.faults) != bool(other.faults):
            yield f"of clause {one.number} only one of the two texts lists faults"
    if there.defaults != here.defaults:
        yield "the table of parameters has other names or defaults than the contract's"
    if Counter(name for name, _ in there.shown) != Counter(name for name, _ in here.shown):
        yield "it does not show the parameters that the contract shows"
    defaults = dict(here.shown)
    for name, text in there.shown:
        if text != translation.value(defaults[name]):
            told = translation.value(defaults[name])
            yield f"it shows {text!r} for {name}, and the values at its end say {told!r}"
