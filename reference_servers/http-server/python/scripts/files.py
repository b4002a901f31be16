"""Finds the files below the root of the host that is asked, and answers with them."""

import email.utils
import os
import re

from answer import Answer, Refused

ROOT = os.path.realpath(b"www")
HOSTS = ("one.example", "other.example")
INDEX = b"index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
}
# Of numbers with thousands of digits Python makes none: what is that long is no range.
RANGE = re.compile(r"bytes=([0-9]{0,100})-([0-9]{0,100})")


def answer_with_file(request):
    """The answer to GET and HEAD. Raises Refused where there is no such file."""
    path = find(request)
    try:
        file = open(path, "rb")  # noqa: SIM115 - `send` closes it
    except OSError:
        raise Refused(404) from None
    about = os.fstat(file.fileno())
    etag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
    changed = email.utils.formatdate(int(about.st_mtime), usegmt=True)
    headers = {"ETag": etag, "Last-Modified": changed, "Accept-Ranges": "bytes"}
    if is_known(request, etag, about.st_mtime):
        file.close()
        return Answer(304, headers=headers.items())
    ending = os.path.splitext(os.fsdecode(path))[1].lower()
    headers["Content-Type"] = TYPES.get(ending, "application/octet-stream")
    return part_of(request, file, about.st_size, headers)


def find(request):
    """The path of the file that is asked for, which lies below the root of its host."""
    if request.host not in HOSTS:
        raise Refused(404)
    root = ROOT + b"/" + request.host.encode()
    if b"\0" in request.path:
        raise Refused(400)
    path = below(root, root + b"/" + request.path)
    if not os.path.isdir(path):
        if request.path.endswith(b"/"):
            raise Refused(404)
        return path
    if not request.path.endswith(b"/"):
        # As it came, encoded: nothing in it can end the header, and `//host` is no host.
        raise Refused(301, location="/" + request.encoded_path.decode("latin-1").strip("/") + "/")
    return below(root, os.path.join(path, INDEX))


def below(root, path):
    """The real path, which must be the root or lie below it."""
    real = os.path.realpath(path)
    if real != root and not real.startswith(root + b"/"):
        raise Refused(404)
    return real


def is_known(request, etag, modified):
    """Whether the client has this version of the file (RFC 9110, section 13.2.2)."""
    known = request.headers.get("if-none-match")
    if known is not None:
        tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
        return "*" in tags or etag in tags
    since = request.headers.get("if-modified-since", "")
    try:
        return int(modified) <= email.utils.parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):  # it is no date, or one that no calendar has
        return False


def part_of(request, file, size, headers):
    """The file, or the range of it that is asked for."""
    asked = RANGE.fullmatch(request.headers.get("range", "")) if request.method == "GET" else None
    # Part of this version does not go with part of another (RFC 9110, section 13.1.5).
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        asked = None
    if not asked or not (asked[1] or asked[2]):
        return Answer(200, file, headers.items(), length=size)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
        if asked[2] and int(asked[2]) < first:
            return Answer(200, file, headers.items(), length=size)
    else:
        first, last = max(0, size - int(asked[2])), size - 1
    if first > last:
        file.close()
        raise Refused(416, content_range=f"bytes */{size}")
    file.seek(first)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Answer(206, file, headers.items(), length=last - first + 1)
