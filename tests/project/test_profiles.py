"""Connections: where they are found, what they may say, that they stay secret."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from ssgproj.errors import ProjectError, SsgError
from ssgproj.project.dotenv import read_dotenv
from ssgproj.project.profiles import Profile, check_profiles, load_profile
from ssgproj.project.project import Settings
from ssgproj.project.secret import Secret

SETTINGS = Settings("shop", "shop")
TEXT = """\
shop:
  target: dev
  outputs:
    dev:
      source: "{{ env_var('SRC', '') }}"
      destination: "{{ env_var('DST', 'duckdb:///target/shop.duckdb') }}"
      threads: 2
    prod:
      source: "{{ env_var('SRC') }}"
      destination: "postgresql://{{ env_var('USER_NAME') }}:{{ env_var(\\"PW\\") }}@host/db"
      schemas: {public: synth}
"""


def load(root: Path, text: str = TEXT, target: str | None = None, environ: dict[str, str] | None = None) -> Profile:
    (root / "profiles.yml").write_text(text, encoding="utf-8")
    return load_profile(root, SETTINGS, target, None, environ or {})


def test_defaults_and_relative_paths(tmp_path: Path) -> None:
    profile = load(tmp_path)
    assert profile.source is None
    assert profile.destination.reveal() == f"duckdb:///{tmp_path}/target/shop.duckdb"
    assert (profile.threads, profile.target, profile.name, profile.path) == (
        2,
        "dev",
        "shop",
        tmp_path / "profiles.yml",
    )


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    """.env.example begins with `SSG_SOURCE_URL=`."""
    assert load(tmp_path, environ={"DST": ""}).destination.reveal().endswith("/target/shop.duckdb")


@pytest.mark.parametrize(
    "url", ["duckdb:////abs/x.duckdb", "duckdb:///:memory:", "sqlite://", "postgresql:///db", "postgresql://h/db?x=y"]
)
def test_other_urls_stay(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, environ={"DST": url}).destination.reveal() == url


@pytest.mark.parametrize("scheme", ["sqlite", "parquet", "sqlite+pysqlite"])
def test_files_are_relative_to_the_project(tmp_path: Path, scheme: str) -> None:
    assert load(tmp_path, environ={"DST": f"{scheme}:///out/x"}).destination.reveal() == f"{scheme}:///{tmp_path}/out/x"


def test_several_variables_and_odd_passwords(tmp_path: Path) -> None:
    profile = load(tmp_path, target="prod", environ={"SRC": "s", "USER_NAME": "me", "PW": "a'b[#&{{ env_var('SRC') }}"})
    assert profile.destination.reveal() == "postgresql://me:a'b[#&{{ env_var('SRC') }}@host/db"
    assert profile.schemas == {"public": "synth"}


def test_a_missing_variable_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SsgError) as error:
        load(tmp_path, target="prod")
    message = error.value.message
    assert "`USER_NAME`" in message or "`SRC`" in message
    assert "profiles.yml:10" in message or "profiles.yml:9" in message
    assert "the environment" in message and ".env" in message
    assert "export" in (error.value.hint or "")


def test_dotenv_adds_to_the_environment_without_changing_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export DST=duckdb:///:memory:  # note\nSRC='from file'\n")
    assert load(tmp_path).destination.reveal() == "duckdb:///:memory:"
    profile = load(tmp_path, environ={"SRC": "real"})
    assert profile.source is not None and profile.source.reveal() == "real"


def test_dotenv_lines(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        'A=1\n# B=2\nC = "x\\n\\"y\\" # z" \nD=\'a # b\'\nexport E=a=b\nF=\nG=  # only a note\nnonsense\nH=x#y\nI="$A"\n'
    )
    assert read_dotenv(path) == {
        "A": "1",
        "C": 'x\n"y" # z',
        "D": "a # b",
        "E": "a=b",
        "F": "",
        "G": "",
        "H": "x#y",
        "I": "$A",
    }
    assert read_dotenv(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("text", "target", "words"),
    [
        (TEXT.replace("shop:", "shopp:"), None, ["no profile `shop`", "did you mean `shopp`?"]),
        (TEXT, "prd", ["no target `prd`", "did you mean `prod`?"]),
        (TEXT.replace("  target: dev\n", ""), None, ["no default target", "--target"]),
        (TEXT.replace("target: dev", "target: def"), None, ["no target `def`"]),
        ("shop: {outputs: {dev: {source: x}}}\n", None, ["no destination"]),
        ("shop: {outputs: {dev: {destination: \"{{ var('x') }}\"}}}\n", None, ["only `env_var()`"]),
        ("shop: {outputs: {dev: {destination: x, threads: \"{{ env_var('T', 'two') }}\"}}}\n", None, ["whole number"]),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, target: str | None, words: list[str]) -> None:
    with pytest.raises(SsgError) as error:
        load(tmp_path, text, target)
    for word in words:
        assert word in f"{error.value.message} {error.value.hint}"


def test_mistakes_in_the_file_come_with_their_places(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        load(tmp_path, TEXT.replace("threads", "thread"))
    assert [(d.code, d.at.line, d.hint) for d in error.value.diagnostics] == [("PJ003", 7, "did you mean `threads`?")]


def test_one_target_needs_no_default(tmp_path: Path) -> None:
    assert load(tmp_path, "shop: {outputs: {only: {destination: 'duckdb:///:memory:'}}}\n").target == "only"


def test_where_profiles_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, home, other = tmp_path / "p", tmp_path / "home", tmp_path / "other"
    for directory in (root, home / ".ssg", other):
        directory.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(SsgError, match="looked at") as error:
        load_profile(root, SETTINGS, environ={})
    assert str(root / "profiles.yml") in error.value.message and str(home / ".ssg") in error.value.message
    (home / ".ssg" / "profiles.yml").write_text(TEXT)
    assert load_profile(root, SETTINGS, environ={}).path == home / ".ssg" / "profiles.yml"
    assert load_profile(root, SETTINGS, environ={}).why == "the home directory"
    (root / "profiles.yml").write_text(TEXT)
    assert load_profile(root, SETTINGS, environ={}).path == root / "profiles.yml"
    (other / "profiles.yml").write_text(TEXT)
    assert load_profile(root, SETTINGS, profiles_dir=other, environ={}).path == other / "profiles.yml"


def test_checking_needs_no_variable(tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(TEXT)
    assert check_profiles(tmp_path) == []
    text = TEXT.replace("duckdb:///target/shop.duckdb", "postgresql://me:hunter2@host/db")
    (tmp_path / "profiles.yml").write_text(text + "other: {outputs: {a: {destination: '{{ x }}'}}}\n")
    found = check_profiles(tmp_path)
    assert sorted(d.code for d in found) == ["PJ011", "PJ012"]
    assert not any("hunter2" in f"{d.message}{d.hint}" for d in found)


def test_secrets_do_not_show() -> None:
    secret = Secret("hunter2")
    for text in (
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>20}",
        f"{secret!r}",
        repr([secret]),
        str({"a": secret}),
    ):
        assert "hunter2" not in text
    assert secret.reveal() == "hunter2"
    assert "hunter2" not in repr(Profile(destination=secret))
    assert secret == Secret("hunter2") and secret != Secret("x") and not Secret("")
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(secret)
