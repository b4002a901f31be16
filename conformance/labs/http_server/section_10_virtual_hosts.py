"""Section 10 of the contract: several hosts on one server."""

from conformance import Violation, require

from .browser import browsing
from .http_server import has_hosts, http_server
from .judging import has_file, in_short, same_text
from .section_2_a_file import A_FILE, is_served
from .site import Site, hosts_of


def of_host(server, role, host):
    """A host's file of that role, and how a request to the host asks for it."""
    file = Site(server)[f"{role} of {host}"]
    return file, "/" + file.path.removeprefix(f"{server.parameters.root}/{host}/")


async def gets_from(server, target, host, file, to):
    """Asks for the target with that Host; the file must come."""
    async with browsing(server) as browser:
        await browser.say(f"GET {target} HTTP/1.1", f"Host: {host}")
        answer = await browser.hear(to)
        require(browser.shows(has_file(answer, to, file, hint=BY_HOST), answer))


BY_HOST = "Cut `:port` off, compare without regard to case, and take that host's folder for root."


@http_server.scenario("10.1", needs=A_FILE, builds_on=A_FILE, when=has_hosts)
async def serves_each_host_its_own_files(server):
    """Host, in any case, with or without a port, says whose files are meant."""
    for host in hosts_of(server.parameters):
        file, target = of_host(server, "shared", host)
        for said in (host, host.upper(), f"{host}:{server.port}"):
            await gets_from(server, target, said, file, f"`GET {target}` with `Host: {said}`")


@http_server.scenario("10.2", needs=A_FILE, builds_on=(*A_FILE, "2.16", "10.1"), when=has_hosts)
async def prefers_the_host_of_the_absolute_form(server):
    """The host of the target counts, whatever Host says."""
    one, other, *_ = hosts_of(server.parameters)
    file, target = of_host(server, "shared", other)
    to = f"`GET http://{other}{target}` with `Host: {one}`"
    await gets_from(server, f"http://{other}{target}", one, file, to)


@http_server.scenario("10.3", needs=A_FILE, builds_on=(*A_FILE, "10.1"), when=has_hosts)
async def knows_no_other_host(server):
    """A Host that is none of them gets an error, or the first one's files, and nothing else."""
    await is_served(server)
    unknown = f"{server.draw.word()}.example"
    first, *others = hosts_of(server.parameters)
    for other in others:
        _, target = of_host(server, "own", other)
        await gets_nothing_of(server, other, target, unknown)
    for host in ("..", "../..", f"{first}/../..", ""):
        await gets_nothing_of(server, first, f"/{Site(server)['secret'].path}", host)


async def gets_nothing_of(server, host, target, said):
    """Asks with that Host; neither the host's own file nor the secret may come."""
    async with browsing(server) as browser:
        await browser.say(f"GET {target} HTTP/1.1", f"Host: {said}")
        answer = await browser.hear_all()
        require(browser.shows(is_of(server, answer, host, said), answer))


def is_of(server, answer, host, said):
    """Whether the answer is that host's own file, or the secret beside the root."""
    site = Site(server)
    hidden = [site[f"own of {host}"].data, site["secret"].data]
    if answer is None or not any(same_text(answer.body, each) for each in hidden):
        return None
    return Violation(f"404, 400 or 421 for `Host: {said}`", in_short(answer.body))
