from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, UndefinedError

from ssgproj.report import html
from ssgproj.report.html import environment, number, render
from ssgproj.templating import data_directory

PAGES = data_directory("templates") / "html"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    base = (PAGES / "base.html").read_text(encoding="utf-8")
    made = environment().overlay(
        loader=DictLoader(
            {"base.html": base, "page.html": "{% extends 'base.html' %}{% block main %}<p>{{ text }}</p>{% endblock %}"}
        )
    )
    monkeypatch.setattr(html, "environment", lambda: made)
    assert isinstance(made, Environment)


@pytest.mark.usefixtures("page")
def test_everything_put_in_is_escaped() -> None:
    text = render("page.html", title="<script>alert(1)</script>", text="\"a\" <b onclick='x'>&")
    assert "alert(1)</script>" not in text
    assert "<b onclick" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.usefixtures("page")
def test_a_page_loads_nothing_and_allows_only_its_own_script_and_style() -> None:
    text = render("page.html", title="t", text="")
    assert not re.search(r"(?:src|href)=\"(?!#)", text)
    assert not re.search(r"\s(?:style|on\w+)=", text)
    (policy,) = re.findall(r'Security-Policy" content="([^"]+)"', text)
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy


@pytest.mark.usefixtures("page")
def test_what_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("page.html", title="t")


def test_templates_have_no_style_attribute_and_no_handler() -> None:
    """The policy of the page would not honour them."""
    for path in PAGES.glob("*.html"):
        assert not re.search(r"\s(?:style|on[a-z]+)=", path.read_text(encoding="utf-8")), path.name


def test_every_colour_is_a_token() -> None:
    """Past the tokens, or a page would not follow the reader's choice of light or dark."""
    for path in [*PAGES.glob("*.css"), *PAGES.glob("*.html")]:
        text = path.read_text(encoding="utf-8")
        rules = re.sub(r"--[\w-]+:[^;]+;", "", text)
        assert not re.search(r":[^;{]*#[0-9a-fA-F]{3,8}\b", rules), path.name


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""), (0, "0"), (-3, "\u22123"), (1234567, "1,234,567"), (0.12345, "0.123"), (12345.6, "12,346"),
        (0.00001234, "1.23e\u221205"), (2.0, "2"), (-0.5, "\u22120.5"), (999.95, "1,000"), (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_the_wheel_has_the_pages() -> None:
    assert {"base.html", "base.js", "style.css"} <= {p.name for p in PAGES.iterdir()}
    assert Path(html.__file__).is_file()
