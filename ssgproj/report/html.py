"""HTML pages: one file each, that loads nothing, asks nobody and runs only the scripts it was made with.

Templates stand in `templates/html/` and extend `base.html`. Everything put into them is escaped, since names of tables and columns are
anybody's text; what is markup already is a `Markup`. The page's content security policy allows the styles and scripts named here by
their hashes and nothing else, so that even a hole in the escaping could not run anything. There is no style attribute and no event
handler in a page for that reason: classes and the attributes of SVG do.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ssgproj.templating import data_directory

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_BASE_STYLES = ("style.css",)
_BASE_SCRIPTS = ("base.js",)


@cache
def environment() -> Environment:
    """Jinja for HTML, with its usual brackets; a name that is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(data_directory("templates") / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["number"] = number
    return made


def render(template: str, *, styles: Sequence[str] = (), scripts: Sequence[str] = (), **values: Any) -> str:
    """The whole page. `styles` and `scripts` are files of `templates/html/` that are put into it after those of every page.

    `values` are the template's; `title` has to be among them.
    """
    from ssgproj import __version__

    style = _file_texts((*_BASE_STYLES, *styles))
    script = _file_texts((*_BASE_SCRIPTS, *scripts))
    policy = (
        f"default-src 'none'; style-src '{_sha256(style)}'; script-src '{_sha256(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        environment()
        .get_template(template)
        .render(
            values,
            version=__version__,
            policy=policy,
            style=_element("style", style),
            script=_element("script", script),
        )
    )


def number(value: float | None, digits: int = 3) -> str:
    """A number for people: thousands set apart, `digits` significant ones after them; nothing for None."""
    if value is None:
        return ""
    if math.isfinite(value) and float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", "\u2212")
    if not math.isfinite(value):
        return str(value).replace("-", "\u2212")
    size = abs(value)
    if size < 1e-4:
        text = f"{value:.{digits - 1}e}"
    else:
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "\u2212")


def _file_texts(names: Sequence[str]) -> str:
    directory = data_directory("templates") / "html"
    return "\n".join((directory / name).read_text(encoding="utf-8").strip() for name in names)


def _element(tag: str, text: str) -> Markup:
    """`text` is ours, not the project's. It must not end its own element."""
    from markupsafe import Markup

    if f"</{tag}" in text.lower():
        raise ValueError(f"a {tag} of the pages contains its own end")
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), Markup(text))  # noqa: S704 - files of this package


def _sha256(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
