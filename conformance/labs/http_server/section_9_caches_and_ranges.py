"""Section 9 of the contract: what a cache asks, and parts of a file."""

import re

from conformance import Laid, Violation, require

from .browser import ask, browsing
from .dates import date_of, dated
from .http_server import http_server, keeps_alive
from .judging import first, has_file, has_octets, has_status, in_short
from .section_2_a_file import A_FILE
from .section_2_requests import is_known
from .site import CHANGES, Site

ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


@http_server.scenario("9.1", needs=A_FILE, builds_on=A_FILE, when=keeps_alive)
async def says_which_version_a_file_is(server):
    """An answer with a file has ETag or Last-Modified, in their form."""
    file = Site(server)["text"]
    async with browsing(server) as browser:
        answer = await browser.ask(file.target)
        require(browser.shows(has_version(answer, file), answer))


def has_version(answer, file):
    """Whether the answer says which version of the file it brings."""
    etag, changed = answer.value("etag"), answer.value("last-modified")
    if not etag and not changed:
        return Violation("ETag or Last-Modified", "neither")
    if etag and not ETAG.fullmatch(etag):
        return Violation('ETag in double quotes, as in `"1a2b"`', f"`ETag: {etag}`")
    wanted = f"Last-Modified: {dated(file.laid.modified)}"
    if changed and date_of(changed) != file.laid.modified:
        hint = "It is the time at which the file was changed (stat: mtime), in GMT."
        return Violation(wanted, f"Last-Modified: {changed}", hint=hint)
    return None


@http_server.scenario("9.2", needs=(*A_FILE, "9.1"), builds_on=(*A_FILE, "9.1"), when=keeps_alive)
async def answers_304(server):
    """Asked for a version that it still has, it answers 304; else 200 with the file."""
    site = Site(server)
    known = await ask(server, site[CHANGES].target)
    require(has_none(known))
    for headers in conditions(known):
        await is_unchanged(server, site[CHANGES], headers)
    now = Laid(server.draw.line(90).encode())
    server.lay({site[CHANGES].path: now})
    await is_known(server, site[CHANGES], now.data)
    for headers in conditions(known):
        await is_changed(server, site[CHANGES], headers, now.data)


def has_none(answer):
    """Whether an answer says nothing of its version."""
    return None if conditions(answer) else Violation("ETag or Last-Modified", "neither")


async def is_changed(server, file, headers, now):
    """The file is asked for under that condition: it has changed, and comes as it is now."""
    to = f"`{headers[0][0]}`, when the file has changed"
    async with browsing(server) as browser:
        answer = await browser.ask(file.target, headers=headers)
        wrong = has_octets(answer.body.rstrip(), now, f"for {to}, the file")
        require(browser.shows(first(has_status(answer, to, 200), wrong), answer))


def conditions(answer):
    """The headers with which a client asks whether what it has is still so."""
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return [[(names[name], answer.value(name))] for name in names if answer.value(name)]


async def is_unchanged(server, file, headers):
    """The file is asked for under that condition: 304, and no body."""
    to = f"`{headers[0][0]}: {headers[0][1]}`"
    async with browsing(server) as browser:
        answer = await browser.ask(file.target, headers=headers)
        await browser.client.watch(lambda: False, 0.2)
        behind = browser.client.bytes_from(browser.begins)
        wrong = has_status(answer, to, 304)
        if not wrong and behind.strip():
            wrong = Violation(f"no body for {to}", in_short(behind))
        require(browser.shows(wrong, answer))


@http_server.scenario("9.3", needs=A_FILE, builds_on=(*A_FILE, "2.4"), when=keeps_alive)
async def sends_a_part(server):
    """A Range is answered with 206, these octets, and Content-Range."""
    file = Site(server)["octets"]
    size = len(file.data)
    for asked, begin, end in (
        ("100-199", 100, 199),
        ("100-", 100, size - 1),
        ("-100", size - 100, size - 1),
        (f"{size - 5}-{size + 50}", size - 5, size - 1),
    ):
        async with browsing(server) as browser:
            answer = await browser.ask(file.target, headers=[("Range", f"bytes={asked}")])
            wrong = is_part(answer, f"`Range: bytes={asked}`", file.data, begin, end)
            require(browser.shows(wrong, answer))


def is_part(answer, to, data, begin, end):
    """Whether the answer is that part of the data, both ends included."""
    wanted = f"bytes {begin}-{end}/{len(data)}"
    if wrong := has_status(answer, to, 206):
        return wrong
    said = answer.value("content-range")
    if said not in (wanted, f"bytes {begin}-{end}/*"):
        return Violation(f"`Content-Range: {wanted}`", f"`Content-Range: {said or 'none'}`")
    hint = "Both ends are included: 0-0 is one octet."
    return has_octets(answer.body, data[begin : end + 1], f"for {to}", hint)


@http_server.scenario("9.4", needs=(*A_FILE, "9.3"), builds_on=(*A_FILE, "9.3"), when=keeps_alive)
async def refuses_a_part_that_is_not_there(server):
    """A range behind the end is answered with 416; one of another form with the whole file."""
    file = Site(server)["text"]
    size = len(file.data)
    async with browsing(server) as browser:
        answer = await browser.ask(file.target, headers=[("Range", f"bytes={size}-{size + 9}")])
        wrong = has_status(answer, f"`Range: bytes={size}-`", 416)
        require(browser.shows(first(wrong, says_length(answer, size)), answer))
    for odd, codes in {"lines=1-2": (), "bytes=9-5": REFUSES, "bytes=a-b": REFUSES}.items():
        async with browsing(server) as browser:
            answer = await browser.ask(file.target, headers=[("Range", odd)])
            require(browser.shows(is_passed_over(answer, odd, file, codes), answer))


REFUSES = (416, 400)
"""A range that is none may be refused, or passed over (RFC 9110, section 14.2); one of another unit
must be passed over."""


def is_passed_over(answer, odd, file, codes):
    """Whether the answer is neither the whole file nor one of these codes."""
    if answer.status in codes:
        return None
    return has_file(answer, f"`Range: {odd}`", file)


def says_length(answer, size):
    """Whether 416 says how long the file is."""
    said = answer.value("content-range")
    if said == f"bytes */{size}":
        return None
    wanted = f"`Content-Range: bytes */{size}`"
    return Violation(wanted, f"`Content-Range: {said}`" if said else "no Content-Range")
