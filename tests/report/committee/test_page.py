from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ssgproj.report.committee.document import Document
from ssgproj.report.committee.page import html_page
from ssgproj.report.committee.sql_markup import marked_up, ticked

GOLDEN = Path(__file__).parent / "golden"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Reader(HTMLParser):
    """Ids, links, tags and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.fixture(scope="module", params=["example", "odd"])
def page(request: pytest.FixtureRequest) -> str:
    return html_page(request.getfixturevalue(request.param))


def test_nothing_comes_from_outside(page: str) -> None:
    found = read(page)
    assert all(link.startswith("#") for link in found.links)
    loading = {"src", "srcset", "data", "action", "formaction", "poster", "background", "style", "ping"}
    assert not [a for a in found.attributes if a[1] in loading or a[1].startswith("on")]
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    assert "@import" not in page
    assert "connect-src" not in page  # so default-src 'none' holds


def test_the_example_names_no_address(example: Document) -> None:
    assert not re.search(r"https?://|//[a-z]+\.[a-z]", html_page(example))


def test_every_link_leads_to_one_place(page: str) -> None:
    found = read(page)
    assert len(found.ids) == len(set(found.ids))
    assert {link[1:] for link in found.links} <= set(found.ids)


def test_everything_is_escaped(odd: Document) -> None:
    page = html_page(odd)
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "<b>me" not in page
    words = " ".join(read(page).words)
    assert "na<b>me & co" in words
    assert "</td><img src=x onerror=alert(1)> people" in words
    assert "</pre><script>alert(2)</script>" in re.sub(r"\s+", " ", words)
    assert "</pre><script>alert(3)</script>" in words


def test_what_a_committee_looks_for(example: Document) -> None:
    words = re.sub(r"\s+", " ", " ".join(read(html_page(example)).words))
    for said in (
        "Of 35 source columns, 5 columns are read by 4 statistics with noise",
        "spent: ε 1.5",
        "budget: ε 3",
        "Geography and languages; public, and about no person",
        "36.02676548",
        "0 to 100; what is outside counts as the nearest",
        "ε 0.167, δ 1.00e−06 for each noisy number: sum of age, count of age, sum of the squares of age",
        "One of the users made before browses on a phone, as often as users did at the source.",
        "1653d7c2e227",
    ):
        assert said in words, said


def test_what_is_read_on_it(odd: Document) -> None:
    """`golden/odd.txt` has the words of the page: look at the difference, and if it is meant write the new ones there."""
    words = [" ".join(w.split()) for w in read(html_page(odd)).words]
    text = "\n".join(w for w in words if w and not w.startswith("Project odd,")) + "\n"
    assert text == (GOLDEN / "odd.txt").read_text(encoding="utf-8")


def test_it_is_the_same_every_time(example: Document) -> None:
    assert html_page(example) == html_page(example)


@pytest.mark.parametrize("sql", ["SELECT '<b>' -- <i>\nFROM \"a&b\" WHERE x < 1.5", "/* open", "'", "", "\x00 ü 🙂 $$"])
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "mysql"])
def test_sql_keeps_every_character(sql: str, dialect: str) -> None:
    text = str(marked_up(sql, dialect))
    assert "".join(read(f"<pre>{text}</pre>").words) == sql
    assert "<i>" not in text


def test_backticks_are_code() -> None:
    assert ticked("No `a<b` here") == "No <code>a&lt;b</code> here"
    assert ticked("odd ` <i>") == "odd ` &lt;i&gt;"


def dump(page: str, tmp_path: Path, place: str = "") -> tuple[Reader, str]:
    """The page as a browser has it after its scripts ran, and what the browser complained about."""
    path = tmp_path / "docs.html"
    path.write_text(page, encoding="utf-8")
    assert CHROMIUM is not None
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom", f"file://{path}{place}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return read(done.stdout), "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="install chromium to look at the page")


@needs_browser
@pytest.mark.parametrize("name", ["example", "odd"])
def test_in_a_browser(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    found, complaints = dump(html_page(request.getfixturevalue(name)), tmp_path, "#column-1-0")
    assert not complaints  # no refused script or style, no error
    assert ("html", "class", "scripted") in found.attributes
    for section in ("picture", "left", "statistics", "vocabularies", "tables", "review", "ledger", "schema"):
        assert section in found.ids


@needs_browser
def test_the_browser_says_what_it_refuses(example: Document, tmp_path: Path) -> None:
    """So that the test above could fail: a script that the page was not made with does not run."""
    page = html_page(example).replace("</main>", "<script>document.title = 'ran'</script></main>")
    found, complaints = dump(page, tmp_path)
    assert "Content Security Policy" in complaints
    assert "ran" not in found.words


@needs_browser
def test_pointing_at_a_box_shows_what_it_comes_from(example: Document, tmp_path: Path) -> None:
    """A script plays the reader, in a page without the policy that would refuse it."""
    script = """<script>
      document.querySelector('[data-id="model.users"]').dispatchEvent(new Event("pointerenter"));
      const basis = document.getElementById("basis");
      basis.value = "private";
      basis.dispatchEvent(new Event("change"));
      document.getElementById("bigger").click();
      document.getElementById("theme").click();
    </script></body>"""
    page = re.sub(r"<meta http-equiv[^>]+>", "", html_page(example)).replace("</body>", script)
    found, complaints = dump(page, tmp_path)
    assert not complaints
    assert {t for _, n, t in found.attributes if n == "class" and t.endswith(" on") and t.startswith("node")} == {
        "node source on", "node stat on", "node vocabulary exact on", "node model on", "node story on",
    }  # fmt: skip
    assert "3 of 35 columns" in found.words
    assert ("div", "class", "picture asked zoomed") in found.attributes
    assert ("html", "data-theme", "dark") in found.attributes
