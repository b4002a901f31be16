"""Makes a page from a template. Nothing that a template prints can become markup, a script, or a
character that nobody sees.

Templates are in `templates/`; each extends `base.html`. All pages have one style sheet. It stands
in them whole, as does the script of a page that has one. The page's own policy (Content Security
Policy, level 3) allows these two by their hashes, and no request.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.reports.pages.links import link_to
from conformance.reports.pages.prose import in_line, paragraphs
from conformance.reports.text.visible import visible, visible_line
from conformance.words import _, spoken

TEMPLATES = Path(__file__).with_name("templates")
STYLE = "style.css"


def render(template: str, *, script: str = "", **values: Any) -> str:
    """The page that `template` makes of the values. `script`: the name of its script, in the folder
    of templates; "" for none. Raises jinja2.UndefinedError where a template asks for a value that
    was not given."""
    style, code = _text_of(STYLE), _text_of(script) if script else ""
    page = _environment().get_template(template)
    # What is put in as it is was written here.
    return page.render(
        style=Markup(style),
        script=Markup(code),
        policy=_policy(style, code),
        language=spoken(),
        **values,
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["_"] = _  # asked at each rendering, in its own language
    environment.filters.update(
        visible_line=visible_line, in_line=in_line, paragraphs=paragraphs, link_to=link_to
    )
    return environment


def _finished(value: object) -> object:
    """What a template prints of a value: of a text, one line in which all is visible. Markup was
    made by the suite, and is left."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@lru_cache(maxsize=8)
def _text_of(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    parts = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script) if script else "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {allowed}" for name, allowed in parts.items())


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
