"""The files that the suite lays for the server, drawn anew for each run.

Each file has a role, by which scenarios ask for it: what it is laid for. `lay` lays them in the
order of their roles, so that a path tells its role again.
"""

from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance import Draw, Laid

MIB = 2**20
MARK = 32
"""Octets that begin the large file: the rest is a hole."""

CHANGES = "changing"
"""The role of the file that scenarios change."""

TYPES = {
    "page": "text/html",
    "text": "text/plain",
    "style": "text/css",
    "script": "text/javascript",
    "data": "application/json",
    "picture": "image/png",
    "LOUD": "image/png",
    "two dots": "text/plain",
}
"""Roles of files, and their media type."""


def _page(title, *, lines=6):
    return f"<!DOCTYPE html>\n<title>{title}</title>\n" + f"<p>{title}</p>\n" * lines


def _texts(draw):
    """Files below the root, by role: name and content."""
    word = draw.word
    text = "\n".join(draw.lines(12)) + "\n"
    accents = f"{word()} – héllo ça €, {word()}\nœuvre, naïve, {word()}\n"
    return {
        "text": (f"{word()}.txt", text),
        "page": (f"{word()}.html", _page(draw.line(30))),
        "other": (f"{word()}.txt", draw.line(200)),
        "accents": (f"{word()}.txt", accents),
        "empty": (f"{word()}.txt", ""),
        "deep": (f"{word()}/{word()}/{word()}.txt", draw.line(50)),
        "space": (f"{word()} {word()}.txt", draw.line(50)),
        "accented": (f"{word()}é.txt", draw.line(50)),
        "plus": (f"{word()}+{word()}.txt", draw.line(50)),
        "style": (f"{word()}.css", "p { color: black }\n"),
        "script": (f"{word()}.js", f'const word = "{word()}";\n'),
        "data": (f"{word()}.json", f'{{"word": "{word()}"}}\n'),
        "two dots": (f"{word()}.css.txt", draw.line(50)),
        CHANGES: (f"{word()}.txt", draw.line(60)),
    }


def lay(parameters, draw):
    """What the suite lays in the folder in which the server is started."""
    roles = _roles(parameters, draw)
    changed = FIRST_CHANGED + draw.number(0, A_YEAR)
    return {path: replace(laid, modified=changed) for path, laid in roles.values()}


FIRST_CHANGED, A_YEAR = 1_672_531_200, 31_536_000
"""All files were changed at one time of 2023, in seconds since 1970."""


def _roles(parameters, draw):
    """By role: the path below the working folder, and what is laid there."""
    root, word = base_of(parameters), draw.word
    laid = {
        role: (f"{root}/{name}", Laid(content.encode()))
        for role, (name, content) in _texts(draw).items()
    }
    octets = bytes(range(256)) + b"\r\n\r\n\n\n\r\0" + draw.data(3_000) + b"\r\n"
    signature = b"\x89PNG\r\n\x1a\n"
    laid["octets"] = (f"{root}/{word()}.bin", Laid(octets))
    laid["picture"] = (f"{root}/{word()}.png", Laid(signature + draw.data(500)))
    laid["LOUD"] = (f"{root}/{word()}.PNG", Laid(signature + draw.data(500)))
    marked = Laid(draw.data(MARK), size=parameters.large * MIB)
    laid["large"] = (f"{root}/{word()}.bin", marked)
    folder = word()
    if parameters.index:
        laid["index"] = (f"{root}/{parameters.index}", Laid(_page(draw.line(20)).encode()))
        page = Laid(_page(draw.line(20)).encode())
        laid["folder"] = (f"{root}/{folder}/{parameters.index}", page)
    laid["in folder"] = (f"{root}/{folder}/{word()}.txt", Laid(draw.line(50).encode()))
    secret = word()
    laid["secret"] = (f"{secret}.txt", Laid(f"secret {draw.line(40)}\n".encode()))
    near = Laid(f"secret {draw.line(40)}\n".encode())
    laid["beside"] = (f"{root}-{word()}/{word()}.txt", near)
    up = "../" * (root.count("/") + 1)
    laid["link"] = (f"{root}/{word()}.txt", Laid(link=f"{up}{secret}.txt"))
    for number in range(MANY):
        laid[f"one of many {number}"] = (f"{root}/{word()}.txt", Laid(draw.line(400).encode()))
    return laid | _of_hosts(parameters, draw) | _scripts(parameters, draw)


def base_of(parameters):
    """The folder that paths are about: that of the first host, where hosts have one each."""
    return "/".join([parameters.root, *hosts_of(parameters)[:1]])


MANY = 20
"""Files for clients that each ask for another one."""


def hosts_of(parameters):
    """The names of the virtual hosts; none where there are none."""
    return [] if parameters.hosts == "none" else parameters.hosts.lower().split()


def _of_hosts(parameters, draw):
    """For each host a folder with a file of a name that all of them have, and one of its own."""
    shared, laid = f"{draw.word()}.txt", {}
    for host in hosts_of(parameters):
        own = (f"{parameters.root}/{host}/{draw.word()}.txt", Laid(draw.line(60).encode()))
        laid[f"own of {host}"] = own
        content = Laid(f"{host} {draw.line(60)}".encode())
        laid[f"shared of {host}"] = (f"{parameters.root}/{host}/{shared}", content)
    return laid


SCRIPTS = {
    "created": "printf 'Status: 201 Created\\r\\nContent-Type: text/plain\\r\\n"
    "X-Word: {word}\\r\\n\\r\\n{word}'",
    "environment": "printf 'Content-Type: text/plain\\n\\n'\n"
    "for name in REQUEST_METHOD QUERY_STRING PATH_INFO CONTENT_LENGTH CONTENT_TYPE"
    " SERVER_PROTOCOL HTTP_X_WORD; do\n"
    '  eval "printf \'%s=%s\\n\' $name \\"\\$$name\\""\ndone',
    "body": "printf 'Content-Type: application/octet-stream\\r\\n\\r\\n'\ncat",
    "failing": "exit 3",
    "endless": "sleep 600",
}
"""By role: what a script does, for sh(1)."""


def _scripts(parameters, draw):
    """The programs of `cgi-bin`, where a class asks for scripts."""
    if parameters.post != "cgi":
        return {}
    laid = {}
    for role, does in SCRIPTS.items():
        program = "#!/bin/sh\n" + does.replace("{word}", draw.word()) + "\n"
        laid[role] = (f"cgi-bin/{draw.word()}", Laid(program.encode(), executable=True))
    return laid


@dataclass(frozen=True)
class File:
    """A file that was laid."""

    path: str
    """Below the folder in which the server is started."""
    name: str
    """Below the root; "" where it is not there."""
    laid: Laid

    @property
    def data(self):
        return self.laid.data

    @property
    def target(self):
        """How a request asks for it."""
        return "/" + quote(self.name)


class Site:
    """What was laid for a server, by role."""

    def __init__(self, server):
        self.root = base_of(server.parameters)
        self._laid = server.laid
        # Names are drawn again only to know the roles, in whose order they were laid.
        self._paths = dict(zip(roles(server.parameters), self._laid, strict=True))

    def __getitem__(self, role):
        path = self._paths[role]
        below = path.removeprefix(f"{self.root}/")
        return File(path, "" if below == path else below, self._laid[path])

    def __contains__(self, role):
        return role in self._paths

    def many(self):
        """Files that are alike, and none like another."""
        return [self[f"one of many {number}"] for number in range(MANY)]


def roles(parameters):
    """All roles, in the order in which their files are laid."""
    return list(_roles(parameters, Draw(0, "roles")))
