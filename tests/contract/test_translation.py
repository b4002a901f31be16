"""Contracts in another language: they are the same contract, clause by clause."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.contract.lab import Lab
from conformance.contract.markdown import ContractError, read_contract
from conformance.contract.translation import Translation, read_translation, translations_beside
from conformance.verdict.model import WrongCall

ENGLISH = """# ping: it says pong

One sentence.

## Parameters

| name | default | meaning |
|---|---|---|
| `crowd` | 20 | clients |

## 1 Listening
- **1.1** MUST (1) `listens`: it listens to [20](#parameters "crowd") clients. *Faults: it is deaf.*

## 4 Goodbye
- **4.1** SHOULD (2) `says_pong`: it says [2 whole lines](#parameters "pongs").
"""

FRENCH = """# ping: il dit pong

Une phrase.

## Paramètres

| nom | défaut | signification |
|---|---|---|
| `crowd` | 20 | clients |

## 1 Écoute
- **1.1** MUST (1) `listens` « écoute »: écoute [20](#paramètres "crowd") clients. *Fautes: sourd.*

## 4 Au revoir
- **4.1** SHOULD (2) `says_pong` « dit pong »: il dit [2 lignes entières](#paramètres "pongs").

<!-- values
{} whole lines = {} lignes entières
nothing at all = rien du tout
-->
"""

CATALOG = load()
LABS = {lab.file: lab for lab in CATALOG.labs.values()}.values()


def translated(folder: Path, french: str) -> Translation:
    path = folder / "ping.fr.md"
    path.write_text(french, encoding="utf-8")
    return read_translation(path, read_contract(ENGLISH))


def test_a_translation_has_the_clauses_of_its_contract(tmp_path: Path) -> None:
    translation = translated(tmp_path, FRENCH)
    contract = translation.with_values({"crowd": "30", "pongs": "5 whole lines"})
    first, second = contract.clauses
    assert (translation.language, contract.title) == ("fr", "il dit pong")
    assert contract.introduction == "Une phrase."
    assert contract.titles == {"1.1": "écoute", "4.1": "dit pong"}
    assert (first.scenario, first.section, first.faults) == ("listens", "Écoute", "sourd")
    assert first.text == "écoute 30 clients."
    assert second.text == "il dit 5 lignes entières."
    assert "values" not in contract.markdown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("nothing at all", "rien du tout"),
        ("12 whole lines", "12 lignes entières"),
        ("two {} whole lines", "two {} lignes entières"),
        ("`> HELLO⏎`", "`> HELLO⏎`"),
        ("", "rien"),
    ],
)
def test_a_value_is_translated_where_it_is_words(tmp_path: Path, value: str, told: str) -> None:
    contract = translated(tmp_path, FRENCH).with_values({"pongs": value})
    assert contract.clauses[1].text == f"il dit {told}."


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("- **4.1** SHOULD (2) `says_pong` «", "Il dit «", "clause 4.1 is missing"),
        ("**4.1**", "**4.2**", "clause 4.1 is missing"),
        ("\n<!--", "- **4.2** INFO `also` « aussi »: et.\n\n<!--", "4.2 is not in the contract"),
        ("SHOULD (2)", "MUST (2)", "the level or the weight of clause 4.1"),
        ("SHOULD (2)", "SHOULD (3)", "the level or the weight of clause 4.1"),
        ("`says_pong`", "`dit_pong`", "clause 4.1 is tested by `says_pong`, not by `dit_pong`"),
        (" « dit pong »", "", "clause 4.1 has no title"),
        (" *Fautes: sourd.*", "", "of clause 1.1 only one of the two texts lists faults"),
        ("| `crowd` | 20 |", "| `crowd` | 30 |", "the table of parameters"),
        ('[20](#paramètres "crowd")', "20", "does not show the parameters"),
        ("[2 lignes entières]", "[deux lignes]", "shows 'deux lignes' for pongs, .*'2 lignes"),
        ("- **4.1** SHOULD (2)", "- **4.1** MAY (2)", "not how a clause is written: .*MAY"),
        ("nothing at all = rien", "nothing at all: rien", "not how a value is translated"),
        ("= {} lignes", "= lignes", "not how a value is translated"),
    ],
)
def test_what_is_another_contract_is_refused(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert FRENCH.count(old) == 1
    with pytest.raises(ContractError, match=rf"ping\.fr\.md: .*{complaint}"):
        translated(tmp_path, FRENCH.replace(old, new))


def test_clauses_keep_the_contracts_order(tmp_path: Path) -> None:
    head, first, second = re.split(r"(?m)^(?=## \d)", FRENCH.partition("<!--")[0])
    values = "<!--" + FRENCH.partition("<!--")[2]
    with pytest.raises(ContractError, match="not in the contract's order"):
        translated(tmp_path, head + second + first + values)


# -- a lab of a folder --------------------------------------------------------------------


CODE = '''from conformance import Lab, Parameter

lab = Lab(
    "ping", __file__, shown=lambda parameters: {"pongs": "2 whole lines"},
    parameters=[Parameter("port", 7, "TCP port"), Parameter("crowd", 20, "clients")],
)

@lab.scenario("1.1")
async def listens(server):
    """It listens."""

@lab.scenario("4.1")
async def says_pong(server):
    """It says pong."""
'''


def lab_in(folder: Path, french: str = "") -> Lab:
    rows = "| `port` | 7 | TCP port |\n| `crowd`"
    (folder / "ping.py").write_text(CODE)
    (folder / "ping.md").write_text(ENGLISH.replace("| `crowd`", rows))
    if french:
        text = french.replace("| `crowd`", rows)
        (folder / "ping.fr.md").write_text(text, encoding="utf-8")
    return load([folder])["ping"]


def test_a_lab_is_in_english_where_there_is_no_translation(tmp_path: Path) -> None:
    lab = lab_in(tmp_path)
    values = lab.resolve("ping", {"crowd": "30"})
    assert lab.contract_for(values, "fr") == lab.contract_for(values)
    assert lab.contract_for(values, "fr").clauses[0].text == "it listens to 30 clients."


def test_a_lab_is_in_french_where_that_is_asked_for(tmp_path: Path) -> None:
    lab = lab_in(tmp_path, FRENCH)
    values = lab.resolve("ping", {"crowd": "30"})
    assert lab.contract_for(values, "fr").clauses[0].text == "écoute 30 clients."
    assert lab.contract_for(values).clauses[0].text == "it listens to 30 clients."
    assert not lab.contract_for(values).titles


def test_a_lab_with_a_wrong_translation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"not complete: ping\.fr\.md: clause 4\.1 has no title"):
        lab_in(tmp_path, FRENCH.replace(" « dit pong »", ""))


# -- the suite's own labs -----------------------------------------------------------------


CODE_SPAN = re.compile("`[^`]*`")


def without_code(text: str) -> str:
    """The prose of a text, without links' names."""
    return CODE_SPAN.sub("", re.sub(r'\(#[^"]*"[^"]*"\)', "", text))


def numbers(text: str) -> list[str]:
    """The numbers in a text; those of thousands as each language groups them."""
    return sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d)[,'](?=\d{3})", "", text)))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_clause_says_the_same_in_french(lab: Lab) -> None:
    """The same code and the same numbers stand in it, and as many faults."""
    french = read_contract(lab.translations["fr"].markdown)
    assert french.title != lab.contract.title
    for here, there in zip(lab.contract.clauses, french.clauses, strict=True):
        for english, text in ((here.text, there.text), (here.faults, there.faults)):
            assert Counter(CODE_SPAN.findall(english)) == Counter(CODE_SPAN.findall(text))
            assert numbers(english) == numbers(text), here.number
        assert here.faults.count(";") == there.faults.count(";"), here.number
        assert not re.search("[a-z]", without_code(here.text)) or here.text != there.text
        assert here.section != there.section or here.section == "Clients", here.number


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_what_a_lab_shows_in_words_is_translated(lab: Lab) -> None:
    """Under each variant, and with each value of a parameter that has a few."""
    calls: list[tuple[str, dict[str, str]]] = [(name, {}) for name in (lab.name, *lab.variants)]
    for parameter in lab.parameters:
        words = (*parameter.choices, *parameter.also, *(("3",) if parameter.also else ()))
        calls += [(lab.name, {parameter.name: word}) for word in words]
    calls += [(lab.name, {"goodbye": ""})] if lab.name == "echo" else []
    shown = {name for name, _ in lab.contract.shown} - {each.name for each in lab.parameters}
    for name, settings in calls:
        parameters = lab.resolve(name, settings)
        for value_name, value in lab.shown(parameters).items():
            if value_name in shown and re.search("[a-z]{2,}", without_code(value)):
                told = lab.translations["fr"].value(value)
                assert told != value, f"{lab.name}: {value_name} is {value!r} with {settings}"


def test_a_translation_is_of_a_known_language(tmp_path: Path) -> None:
    for name in ("ping.md", "ping.fr.md", "ping.notes.md", "ping.xx.md"):
        (tmp_path / name).write_text(FRENCH)
    assert translations_beside(tmp_path / "ping.md") == {"fr": tmp_path / "ping.fr.md"}
