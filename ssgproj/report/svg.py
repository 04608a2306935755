"""Elements of SVG, escaped. Colours come from classes of the style sheet, so that pictures follow light, dark and print."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape


def element(name: str, *children: Any, **attributes: Any) -> Markup:
    """One element. Attributes are written with `_` for `-`, and `class_` for `class`; those that are None are left out. Children are escaped
    unless they are markup."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-") if key != "viewBox" else key}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(str(escape(c)) for c in children if c is not None)
    return Markup(f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>")  # noqa: S704 - all parts are escaped


def picture(width: float, height: float, description: str, *children: Any, class_: str = "") -> Markup:
    """A whole picture, which people who do not see it hear described."""
    return element(
        "svg", *children, viewBox=f"0 0 {_text(width)} {_text(height)}", width=width, height=height, role="img",
        aria_label=description, class_=class_ or None,
    )  # fmt: skip


def rectangle(x: float, y: float, width: float, height: float, class_: str, title: str | None = None) -> Markup:
    """A rectangle with a text that shows where a pointer rests."""
    said = element("title", title) if title else None
    return element("rect", said, x=x, y=y, width=max(width, 0), height=max(height, 0), class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str, title: str | None = None) -> Markup:
    said = element("title", title) if title else None
    return element("line", said, x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def text(
    x: float,
    y: float,
    content: str,
    anchor: str = "start",
    class_: str | None = None,
    title: str | None = None,
    **more: Any,
) -> Markup:
    said = element("title", title) if title else None
    return element(
        "text", said, content, x=x, y=y, text_anchor=anchor if anchor != "start" else None, class_=class_, **more
    )


def _text(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
