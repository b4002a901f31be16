"""What stands on the page of a run. How it looks and works in a browser is tested beside this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html  # type: ignore[import-untyped]

from conformance.cli import main
from conformance.reports.pages.run_page import run_page
from conformance.verdict.model import Common, Run, Search
from golden.rendering import RUNS
from kit.runs import (
    ALICE,
    BEHIND_A_DOUBT,
    BEHIND_A_FAULT,
    BYE_IN_LOWER_CASE,
    HOSTILE,
    NOISY,
    NOT_SHOWN,
    alone,
    said,
)


def page_of(run: Run) -> html.HtmlElement:
    return html.document_fromstring(run_page(run))


def rendered(name: str, folder: Path) -> html.HtmlElement:
    """The page of a stored run, by the command line."""
    page = folder / "page.html"
    CliRunner().invoke(main, ["report", str(RUNS / f"{name}.jsonl"), "--html", str(page)])
    return html.fromstring(page.read_bytes())


def words(element: html.HtmlElement, path: str) -> Sequence[str]:
    return [" ".join(each.text_content().split()) for each in element.xpath(path)]


def account_of(page: html.HtmlElement, clause: str) -> html.HtmlElement:
    [found] = page.xpath(f"//article[@id='c-echo-{clause}']")
    return found


def test_a_failure_is_told_whole() -> None:
    told = account_of(page_of(ALICE), "4.1")
    assert words(told, ".//dd[@class='expected']") == ["> BYE⏎"]
    assert words(told, ".//dd[@class='actual']") == ["> bye⏎"]
    assert words(told, ".//mark") == ["B", "b"]  # where they differ first
    [hint] = words(told, ".//*[@class='hint']")
    assert "Is the line sent back" in hint
    assert "AttributeError: 'str' object" in words(told, ".//pre[@class='output']")[0]
    commands = words(told, ".//pre[@class='command']")
    assert commands == [
        r"printf 'BYE\r\n' | nc localhost 2323",
        "conformance check alice.py --lab echo --only 4.1 --seed 20261122",
    ]
    assert words(told, ".//header")[0].endswith("✗ failed MUST, 0 of 3 points")


def test_a_conversation_is_drawn_and_told_as_text(tmp_path: Path) -> None:
    told = account_of(rendered("echo-bad", tmp_path), "4.1")
    for drawing in told.xpath(".//svg[contains(@class, 'sequence')]"):
        assert drawing.get("role") == "img"
        assert "from 0.069 s to 1.472 s" in drawing.get("aria-label")
        said = words(drawing, ".//text")
        assert {"client", "server", "BYE⏎", "> BYE⏎", "+1.4 s", "1.472 s"} <= {*said}
    rows = words(told, ".//table[@class='conversation']/tbody/tr/td[3]")
    assert rows[0] == "client connects"
    assert rows[-1] == "the server closed the connection"


def test_what_proves_a_failure_is_marked(tmp_path: Path) -> None:
    told = account_of(rendered("echo-bad", tmp_path), "3.9")
    for drawing in told.xpath(".//svg[contains(@class, 'sequence')]"):
        assert words(drawing, ".//text[contains(@class, 'proof')]") == ["0.067 s", "> WCFHKOLMQJ⏎"]
        assert len(drawing.xpath(".//rect[@class='proof-ground']")) == 1
    [proof] = words(told, ".//table[@class='conversation']/tbody/tr[@class='proof']/td[3]")
    assert proof == "This proves it: > WCFHKOLMQJ⏎"


def test_each_of_several_clients_has_a_lifeline(tmp_path: Path) -> None:
    page = rendered("presence-udp-bad", tmp_path)
    [told] = page.xpath("//article[@id='c-presence-udp-1.2']")
    for drawing in told.xpath(".//svg[contains(@class, 'sequence')]"):
        assert words(drawing, ".//text[contains(@class, 'name')]") == ["Bob", "Ann", "server"]


def test_who_was_overheard_has_a_lifeline_too() -> None:
    talk = said(
        (0.1, "seeker to 255.255.255.255", "DISCOVER"), (0.2, "10.9.9.2 to seeker", "HERE"),
        (0.3, "piano > 239.255.22.5:9907", "{}"), (0.4, "client 2", "LIST"),
        (0.5, "server to client 2", "[]"),
    )  # fmt: skip
    page = page_of(alone(BYE_IN_LOWER_CASE.with_attempt(transcript=talk)))
    drawing = page.xpath("//div[contains(@class, 'wide')]/svg")[0]
    assert words(drawing, ".//text[contains(@class, 'name')]") == [
        "seeker", "255.255.255.255", "10.9.9.2", "piano", "239.255.22.5:9907", "client 2", "server",
    ]  # fmt: skip


def test_a_rhythm_is_plotted_against_the_ideal(tmp_path: Path) -> None:
    page = rendered("presence-udp-bad", tmp_path)
    [told] = page.xpath("//article[@id='c-presence-udp-1.2']")
    plots = told.xpath(".//svg[contains(@class, 'rhythm')]")
    assert plots
    for plot in plots:
        assert "a beacon every 1 s" in plot.get("aria-label")
        assert len(plot.xpath(".//circle[@class='came']")) == 5
        assert len(plot.xpath(".//line[@class='missing']")) == 2 * 6  # a cross each
    assert "6 of 12 missing." in words(told, ".//figure")[0]


def test_each_clause_has_a_row_and_one_place(tmp_path: Path) -> None:
    page = rendered("echo-bad", tmp_path)
    rows = words(page, "//table[@class='clauses']//th[@scope='row']")
    assert len(rows) == 11
    assert "3.11 names its encoding behind 3.8" in rows
    for number in ("1.1", "3.11", "4.1"):
        assert len(page.xpath(f"//*[@id='c-echo-{number}']")) == 1
    heads = page.xpath("//table[@class='clauses']/thead//th")
    assert [each.get("scope") for each in heads] == ["col"] * 8  # of two tables


def test_what_passed_is_folded_so_that_the_failures_come_first(tmp_path: Path) -> None:
    page = rendered("echo-bad", tmp_path)
    shown = "//main/div[@class='scroll']//th[@scope='row']//*[@class='clause-number']"
    folded = "//details[@class='passed-clauses']//th[@scope='row']//*[@class='clause-number']"
    assert not {*words(page, shown)} & {*words(page, folded)}
    outcomes = words(page, "//main/div[@class='scroll']//td[1]")
    assert outcomes
    assert "✓ passed" not in outcomes
    assert {*words(page, "//details[@class='passed-clauses']//td[1]")} == {"✓ passed"}
    [told] = words(page, "//details[@class='passed-clauses']/summary")
    assert told.startswith("✓ passed ")
    assert told.endswith("points")


def test_where_all_passed_nothing_is_folded(tmp_path: Path) -> None:
    page = rendered("echo-good", tmp_path)
    assert words(page, "//main/div[@class='scroll']//th[@scope='row']")
    assert not words(page, "//details[@class='passed-clauses']")


def test_every_link_leads_somewhere_and_no_name_is_given_twice(tmp_path: Path) -> None:
    for name in ("echo-bad", "echo-crashes", "echo-needs", "presence-bad"):
        page = rendered(name, tmp_path)
        names = [*page.xpath("//@id")]
        assert len(names) == len({*names})
        links = page.xpath("//a/@href")
        assert {link.removeprefix("#") for link in links} <= {*names}


def test_it_says_what_produced_it() -> None:
    run = replace(ALICE, network="delay 50ms", strict=True)
    facts = dict(
        zip(words(page_of(run), "//footer//dt"), words(page_of(run), "//footer//dd"), strict=True)
    )
    assert facts["Suite"] == "0.1.0"
    assert facts["Lab"] == "echo"
    assert facts["Parameters"] == "port = 2424"
    assert facts["Tier"] == "full"
    assert facts["Clock"] == "Times by the kernel, which stamped each packet."
    assert facts["Network"] == "delay 50ms"
    assert facts["Seed"] == "20261122"
    assert facts["Judged"].startswith("2026-11-22T14:19:00")


def test_what_failures_have_in_common_stands_at_the_top() -> None:
    common = Common("no flush", "The server sends nothing before it closes.", ("3.1", "4.1"))
    [told] = words(page_of(replace(ALICE, common=(common,))), "//header//p[@class='common']")
    assert told == "The server sends nothing before it closes (3.1, 4.1)."


def test_the_clauses_of_what_is_common_are_links() -> None:
    common = Common("no flush", "The server does not flush", ("4.1", "5.2"))
    page = page_of(replace(ALICE, common=(common,)))
    links = page.xpath("//p[@class='common']/a")
    assert [link.text for link in links] == ["4.1", "5.2"]
    assert all(page.xpath(f"//*[@id='{link.get('href')[1:]}']") for link in links)


def test_what_is_not_shown_says_why() -> None:
    page = page_of(BEHIND_A_FAULT)
    assert f"{NOT_SHOWN}." in words(page, "//ul[@class='remarks']/li")
    assert any("behind 3.1" in row for row in words(page, "//th[@scope='row']"))


def test_what_could_not_be_judged_costs_nothing_and_shows_each_attempt() -> None:
    told = account_of(page_of(ALICE), "3.2")
    assert words(told, ".//header")[0].endswith("? inconclusive still open: 2 points")
    assert "no fault of yours" in told.text_content()
    assert words(told, ".//h4[contains(., 'Conversation')]") == [
        "Conversation, attempt 1 of 2", "Conversation, attempt 2 of 2",
    ]  # fmt: skip


def test_a_run_in_which_nothing_was_judged() -> None:
    page = page_of(BEHIND_A_DOUBT)
    assert words(page, "//p[@class='score']")[0].startswith("0 of 7 points, provisional")
    assert len(page.xpath("//h2[. = 'What could not be judged']")) == 1


def test_an_interrupted_run() -> None:
    page = page_of(replace(ALICE, verdicts=ALICE.verdicts[:1], interrupted=True, worth=10))
    assert words(page, "//p[@class='score']") == ["1 of 10 points so far: the run was interrupted"]
    assert "clauses that are not listed are still open" in page.text_content()


def test_an_empty_run() -> None:
    page = page_of(replace(ALICE, verdicts=(), notes=()))
    assert words(page, "//main") == ["No clause was judged."]


def test_what_a_search_has_found() -> None:
    search = Search(20, 17, sentence="A client says BYE.", verdict=BYE_IN_LOWER_CASE)
    page = page_of(alone(BYE_IN_LOWER_CASE, search=search))
    assert len(page.xpath("//article")) == 2
    assert "clause 4.1 was broken, which costs no points" in page.text_content()


def test_a_capture_is_linked_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "4.1 a.pcapng").touch()
    kept = BYE_IN_LOWER_CASE.with_attempt(capture="kept/4.1 a.pcapng")
    gone = BYE_IN_LOWER_CASE.with_attempt(capture="kept/gone.pcapng")
    there, lost = (
        html.fromstring(run_page(alone(each), beside=tmp_path / "pages")) for each in (kept, gone)
    )
    assert there.xpath("//a[contains(@href, 'pcapng')]/@href") == ["../kept/4.1%20a.pcapng"]
    assert lost.xpath("//a[contains(@href, 'pcapng')]") == []
    assert "kept/gone.pcapng" in lost.text_content()


def test_a_flood_does_not_fill_the_page() -> None:
    flood = "x" * 100_000
    lines = ("y" * 1_000 + "\n") * 100
    entries = [(n / 100, "server", lines) for n in range(400)]
    run = alone(
        BYE_IN_LOWER_CASE.with_attempt(
            expected=lines, actual=lines, hint=flood, output=lines, reason=flood, notes=(flood,),
            transcript=said(*entries),
        )
    )  # fmt: skip
    written = run_page(run)
    assert "x" * 3_000 not in written
    assert len(written) < 500_000


def test_hostile_texts_stay_texts() -> None:
    written = run_page(NOISY)
    written.encode("utf-8")  # no lone surrogates
    page = html.fromstring(written)
    assert page.xpath("//script | //img | //iframe | //@onerror | //@style") == []
    assert not {*written} & {"\x1b", "\u202e", "\0", "\r", "\x07"}
    assert words(page, "//h1")[0].startswith("\\u{1B}[2J\\u{1B}]0;owned")
    assert HOSTILE not in written
