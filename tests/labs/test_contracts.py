"""Each lab is complete: every clause has its scenario, and every scenario its clause."""

from __future__ import annotations

import pytest

from conformance.contract.catalog import load
from conformance.verdict.model import WrongCall

CATALOG = load()


@pytest.mark.parametrize("name", sorted(CATALOG.labs))
def test_contract_and_scenarios_agree(name: str) -> None:
    assert CATALOG[name].complaints() == []


def test_a_stream_whose_form_has_no_date_is_a_wrong_call() -> None:
    with pytest.raises(WrongCall, match="<date>"):
        CATALOG["streaming-time"].resolve("streaming-time", {"form": "now"})
