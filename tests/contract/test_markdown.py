from __future__ import annotations

import pytest

from conformance.contract.markdown import ContractError, read_contract
from conformance.verdict.model import Level

CONTRACT = """\
# echo: a TCP server that shouts back

A client connects and sends lines.
The server sends each one back.

## 3 Echo
- **3.1** MUST (3) `sends_it_back`: `hello⏎` is answered with
  `> HELLO⏎`. *Faults: no prefix;
  title case (`Hello`).* Also this.

  For example:

      > HELLO

- **3.11** SHOULD (1) `names_its_encoding`: accents survive.

Some prose between clauses.

## 5S Several clients, wherever it is sequential
- **5S.1** INFO `is_observed`: how it serves its clients.
"""


def test_a_contract_is_read() -> None:
    contract = read_contract(CONTRACT)
    assert contract.title == "a TCP server that shouts back"
    assert contract.introduction == (
        "A client connects and sends lines.\nThe server sends each one back."
    )
    assert contract.markdown == CONTRACT
    assert [clause.number for clause in contract.clauses] == ["3.1", "3.11", "5S.1"]


def test_a_clause_is_read() -> None:
    first, second, third = read_contract(CONTRACT).clauses
    assert (first.level, first.weight, first.scenario) == (Level.MUST, 3, "sends_it_back")
    assert first.faults == "no prefix; title case (`Hello`)"
    assert first.text.startswith("`hello⏎` is answered with\n`> HELLO⏎`. Also")
    assert "Faults" not in first.text
    assert first.section == "Echo"
    assert (second.level, second.weight, second.faults) == (Level.SHOULD, 1, "")
    assert (third.level, third.weight) == (Level.INFO, 0)
    assert third.section == "Several clients, wherever it is sequential"


def test_an_example_belongs_to_its_clause_also_after_a_blank_line() -> None:
    first, second, _ = read_contract(CONTRACT).clauses
    assert first.text.endswith("Also this.\n\nFor example:\n\n    > HELLO")
    assert second.text == "accents survive."


@pytest.mark.parametrize(
    ("markdown", "complaint"),
    [
        ("", "begins with a heading"),
        ("no heading", "begins with a heading"),
        ("# x: y\n- **1.1** MAY (1) `a`: b", "not how a clause is written: .*MAY"),
        ("# x: y\n- **1.1** MUST (1) a: b", "not how a clause is written"),
        ("# x: y\n- **1.1** MUST `a`: b\n- **1.1** MUST `c`: d", "1.1 stands twice"),
    ],
)
def test_what_cannot_be_read_is_named(markdown: str, complaint: str) -> None:
    with pytest.raises(ContractError, match=complaint):
        read_contract(markdown)


def test_a_clause_stands_within_its_section_and_no_other() -> None:
    _, clause, sequential = read_contract(CONTRACT).clauses
    assert clause.within("3")
    assert clause.within("3.11")
    assert not clause.within("3.1")
    assert not sequential.within("5")
