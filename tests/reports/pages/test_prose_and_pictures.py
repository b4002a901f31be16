"""What pages are made of: prose, links and pictures. Whatever a text holds, it stays a text."""

from __future__ import annotations

from conformance.reports.pages.links import anchor_of, link_to
from conformance.reports.pages.prose import in_line, paragraphs
from conformance.reports.pages.svg import element, picture
from kit.runs import HOSTILE


def test_code_is_marked_and_markup_is_not() -> None:
    assert in_line("send `<b>` & flush") == "send <code>&lt;b&gt;</code> &amp; flush"


def test_spaces_at_the_ends_of_code_are_seen() -> None:
    box = "<i>␣</i>"
    assert in_line("` bye`, `> `") == f"<code>{box}bye</code>, <code>&gt;{box}</code>"
    assert in_line("`a b`") == "<code>a b</code>"


def test_numbers_of_clauses_are_links_where_the_page_tells_of_them() -> None:
    told = in_line("4.1 (3.6, 14.1, 4.10, 4.1.2), in 4.1 s: `4.1`.", {"4.1": "c-4.1", "3.6": '"<'})
    assert told == (
        '<a href="#c-4.1">4.1</a> (<a href="#&#34;&lt;">3.6</a>, 14.1, 4.10, 4.1.2), in'
        " 4.1 s: <code>4.1</code>."
    )


def test_examples_keep_their_lines() -> None:
    told = paragraphs("one\ntwo `x`\n    a <b>\n      c\nthree")
    assert told.split("\n") == [
        "<p>one</p>", "<p>two <code>x</code></p>", "<pre>a &lt;b&gt;", "  c</pre>", "<p>three</p>",
    ]  # fmt: skip


def test_hostile_prose_is_harmless() -> None:
    for told in (in_line(HOSTILE), paragraphs(f"{HOSTILE}\n    {HOSTILE}")):
        assert "<script" not in told
        assert "\\u{1B}[2J" in told
        told.encode("utf-8")


def test_a_path_is_no_scheme_and_keeps_its_bytes() -> None:
    assert link_to("kept/4.1 a.pcap") == "kept/4.1%20a.pcap"
    assert link_to("javascript:alert(1)") == "javascript%3Aalert%281%29"
    assert link_to('"\udcff') == "%22%FF"


def test_a_clause_has_an_anchor() -> None:
    assert anchor_of("echo", "4.1") == "c-echo-4.1"
    assert anchor_of('a"b', "<1") == "c-a%22b-%3C1"


def test_a_picture_is_escaped_and_named() -> None:
    drawn = picture(
        100, 20.04, element("text", text=HOSTILE, x=1, font_size=12, class_="said"), title="a <b>"
    )
    assert drawn.startswith('<svg width="100" height="20" viewBox="0 0 100 20" role="img"')
    assert 'aria-label="a &lt;b&gt;"' in drawn
    assert '<text x="1" font-size="12" class="said">' in drawn
    assert "<script" not in drawn
    drawn.encode("utf-8")
