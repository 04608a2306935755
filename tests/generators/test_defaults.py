"""The default domain of any column stays within its type and its constraints."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssgproj.generators.arrow import arrow_type, decimal_shape, integer_bounds
from ssgproj.generators.base import BindContext, Restriction, Target
from ssgproj.generators.defaults import NoValues, default_domain, default_generator
from ssgproj.generators.domain import MAX_SIZE, Domain
from ssgproj.generators.fits import fits
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.testing import make_batch

CONTEXT = BindContext("t", ())
TYPES = """integer;bigint;smallint;tinyint;tinyint unsigned;int unsigned;bigint unsigned;mediumint;hugeint;uhugeint;numeric;numeric(10,2)
numeric(4,2);numeric(4,4);numeric(3,5);numeric(5,-2);numeric(38,10);numeric(60,3);numeric(100,2);numeric(1);decimal(10,2) unsigned;money;real
double precision;float unsigned;boolean;date;time;time(0);time(3);timetz;timestamp;timestamp(0);timestamptz;datetime;smalldatetime
timestamp_ns;interval;year;text;varchar(1);varchar(2);varchar(3);varchar(20);varchar(200);char(1);char(4);char(40);citext;bytea;binary(16)
binary(3);varbinary(2);uuid;json;jsonb;xml;inet;inet6;cidr;macaddr;macaddr8;tsvector;tsquery;int4range;int8range;numrange;daterange
tsrange;tstzrange;int4multirange;tstzmultirange;bit;bit(8);varbit(5);bit(80);varbit;point;line;lseg;box;path;polygon;circle
geometry(Point,4326);hstore;ltree;integer[];boolean[];text[];timestamptz[];struct(a integer, b text);map(text, integer);enum('a','b','c')
set('x','y','z');vector(3);oid;whatever""".replace("\n", ";").split(";")


def sample(domain: Domain, count: int = 400) -> list[Any]:
    """Values at both ends and throughout."""
    index = np.unique(
        np.concatenate(
            [
                np.arange(min(count, domain.size)),
                np.random.default_rng(1).integers(0, domain.size, count),
                np.arange(max(domain.size - 20, 0), domain.size),
            ]
        )
    )
    values = domain.at(index)
    assert values.null_count == 0
    assert len(values) == len(index)
    values.validate(full=True)
    return values.to_pylist()


def within_type(value: Any, t: SqlType) -> bool:
    """What the type itself demands."""
    match t.kind:
        case Kind.INTEGER | Kind.YEAR:
            low, high = integer_bounds(t)
            return low <= int(value) <= high
        case Kind.DECIMAL:
            precision, scale = decimal_shape(t)
            return abs(value) < Decimal(10) ** (precision - scale) and not (t.unsigned and value < 0)
        case Kind.STRING:
            fixed = not t.fixed or len(value) == t.length
            return (t.length is None or len(value) <= t.length) and fixed and value == value.strip() and value != ""
        case Kind.BINARY:
            return t.length is None or (len(value) == t.length if t.fixed else len(value) <= t.length)
        case Kind.BIT:
            return set(value) <= {"0", "1"} and (t.length is None or len(value) <= t.length)
        case Kind.ENUM:
            return value in t.labels
        case Kind.DATE | Kind.TIMESTAMP:
            return 1000 <= value.year <= 9999
    return True


@pytest.mark.parametrize("text", TYPES)
@pytest.mark.parametrize("unique", [False, True])
def test_every_type_has_a_default(text: str, unique: bool) -> None:
    """Values of the canonical Arrow type, within the type, all different; the domain can be pickled."""
    t = parse_type(text)
    target = Target("c", t)
    domain = pickle.loads(pickle.dumps(default_domain(target, rows=1000, unique=unique, context=CONTEXT)))
    assert domain.at(np.zeros(0, np.int64)).type == arrow_type(t)
    assert 1 <= domain.size <= MAX_SIZE
    values = sample(domain)
    assert domain.at(np.arange(1)).type == arrow_type(t)
    assert all(within_type(v, t) for v in values)
    assert len({repr(v) for v in values}) == len(values)
    if unique and t.kind is Kind.STRING:
        assert len({v.lower() for v in values}) == len(values)


@pytest.mark.parametrize("text", [t for t in TYPES if t not in ("integer[3]",)])
def test_default_generator_is_stable_by_prefix(text: str) -> None:
    """The first rows do not depend on how many follow."""
    generator = default_generator(Target("c", parse_type(text)), CONTEXT)
    many, few = generator.generate(make_batch(100, 7))[0], generator.generate(make_batch(30, 7))[0]
    assert many.slice(0, 30).equals(few)


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("integer", 2**31 - 1),
        ("bigint", MAX_SIZE),
        ("varchar(3)", 36**3),
        ("numeric(4,2)", 9999),
        ("uuid", MAX_SIZE),
        ("text", MAX_SIZE),
    ],
)
def test_unique_domains_are_large(text: str, least: int) -> None:
    """As large as type and restriction permit."""
    assert default_domain(Target("c", parse_type(text)), rows=10, unique=True, context=CONTEXT).size >= least


def numbers() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.integers(-200, 200),
        st.decimals(-200, 200, places=2),
        st.floats(-200, 200, width=32),
        st.integers(-(10**12), 10**12),
    )


@given(
    text=st.sampled_from(
        [
            "integer",
            "smallint",
            "bigint unsigned",
            "numeric(10,2)",
            "numeric(4,2)",
            "numeric",
            "real",
            "double precision",
            "money",
            "year",
        ]
    ),
    lower=st.none() | numbers(),
    upper=st.none() | numbers(),
    lower_open=st.booleans(),
    upper_open=st.booleans(),
    excluded=st.lists(st.integers(-5, 5), max_size=3),
    unique=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_numbers_stay_within_bounds(
    text: str, lower: Any, upper: Any, lower_open: bool, upper_open: bool, excluded: list[int], unique: bool
) -> None:
    """Bounds, open or not, and excluded values hold for every value; contradictions raise NoValues."""
    restriction = Restriction(lower, upper, lower_open, upper_open, excluded=tuple(excluded))
    target = Target("c", parse_type(text), restriction=restriction)
    try:
        domain = default_domain(target, rows=100, unique=unique, context=CONTEXT)
    except NoValues:
        return
    values = sample(domain, 60)
    assert len(set(values)) == len(values)
    assert all(within_type(v, target.type) for v in values)
    assert all(fits(v, target) for v in values)


@pytest.mark.parametrize(
    ("text", "restriction"),
    [
        ("integer", Restriction(lower=18)),
        ("integer", Restriction(lower=0, lower_open=True)),
        ("integer", Restriction(upper=-5)),
        ("integer", Restriction(lower=10**6)),
        ("numeric(3,2)", Restriction(lower=0, upper=1)),
        ("double precision", Restriction(lower=0, upper=1, lower_open=True, upper_open=True)),
        ("double precision", Restriction(lower=0.1, upper=0.1)),
        ("real", Restriction(lower=-90, upper=90)),
        ("double precision", Restriction(lower=1e300)),
    ],
)
def test_satisfiable_number_bounds_give_values(text: str, restriction: Restriction) -> None:
    """What can be satisfied is."""
    target = Target("c", parse_type(text), restriction=restriction)
    for unique in (False, True):
        values = sample(default_domain(target, rows=100, unique=unique, context=CONTEXT))
        assert all(fits(v, target) for v in values)


moments = st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1))


@given(
    text=st.sampled_from(["date", "timestamp", "timestamptz", "timestamp(0)", "datetime", "smalldatetime"]),
    lower=st.none() | moments | moments.map(datetime.date),
    upper=st.none() | moments | moments.map(datetime.date),
    lower_open=st.booleans(),
    upper_open=st.booleans(),
    unique=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_moments_stay_within_bounds(
    text: str, lower: Any, upper: Any, lower_open: bool, upper_open: bool, unique: bool
) -> None:
    """Dates and times obey their bounds whether these are dates or datetimes."""
    target = Target("c", parse_type(text), restriction=Restriction(lower, upper, lower_open, upper_open))
    try:
        domain = default_domain(target, rows=100, unique=unique, context=CONTEXT)
    except NoValues:
        return
    assert all(fits(v, target) for v in sample(domain, 60))


def test_moments_default_to_the_ten_years_before_now() -> None:
    """Nothing is in the future."""
    context = replace(CONTEXT, now=datetime(2020, 2, 29))
    for text in ("date", "timestamp", "timestamptz"):
        values = sample(default_domain(Target("c", parse_type(text)), rows=10, unique=False, context=context))
        days = [v.date() if isinstance(v, datetime) else v for v in values]
        assert date(2010, 2, 27) <= min(days) and max(days) <= date(2020, 2, 29)


def test_mysql_timestamps_end_in_2038() -> None:
    """A unique TIMESTAMP of MySQL does not leave its 32 bits."""
    t = parse_type("timestamp", dialect="mysql")
    values = sample(default_domain(Target("c", t), rows=10**9, unique=True, context=CONTEXT))
    assert min(values) >= datetime(1970, 1, 2, tzinfo=UTC) and max(values) < datetime(2038, 1, 19, tzinfo=UTC)


def test_intervals_and_times_obey_bounds() -> None:
    """Durations and times of day are bounded like everything else."""
    short = Restriction(lower=timedelta(minutes=1), upper=timedelta(hours=1))
    values = sample(
        default_domain(Target("c", parse_type("interval"), restriction=short), rows=10, unique=False, context=CONTEXT)
    )
    assert min(values) >= timedelta(minutes=1) and max(values) <= timedelta(hours=1)


@given(
    text=st.sampled_from(["text", "varchar(5)", "varchar(40)", "char(6)", "citext"]),
    min_length=st.none() | st.integers(0, 30),
    max_length=st.none() | st.integers(0, 30),
    excluded=st.lists(st.sampled_from(["", "a", "acorn", "zinc"]), max_size=2),
    unique=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_texts_have_the_lengths_that_are_asked_for(
    text: str, min_length: int | None, max_length: int | None, excluded: list[str], unique: bool
) -> None:
    """Lengths of the type and of constraints hold together."""
    restriction = Restriction(min_length=min_length, max_length=max_length, excluded=tuple(excluded))
    target = Target("c", parse_type(text), restriction=restriction)
    try:
        domain = default_domain(target, rows=100, unique=unique, context=CONTEXT)
    except NoValues:
        return
    values = sample(domain, 60)
    assert all(fits(v, target) for v in values)
    assert all(target.type.length is None or len(v) <= target.type.length for v in values)


@pytest.mark.parametrize(
    ("text", "restriction"),
    [
        ("text", Restriction(patterns=(r"^[^@]+@[^@]+\.[a-z]+$",))),
        ("varchar(11)", Restriction(patterns=(r"^\d{3}-\d{2}-\d{4}$",))),
        ("char(2)", Restriction(patterns=("^[A-Z]{2}$",))),
        ("text", Restriction(patterns=("[0-9]", "[a-z]"), min_length=8)),
        ("varchar(12)", Restriction(patterns=("^.*x.*$",), excluded=("x",))),
        ("varchar(3)", Restriction(values=("ab", "abc", "abcd"))),
        ("text", Restriction(lower="b", upper="d")),
        ("varchar(4)", Restriction(lower="m")),
        ("varchar(4)", Restriction(upper="m", upper_open=True)),
        ("integer", Restriction(values=(1, 2, 3), excluded=(2,))),
        ("numeric(6,2)", Restriction(values=("1.5", 2))),
        ("boolean", Restriction(values=(True,))),
        ("date", Restriction(values=("2020-01-01", date(2020, 1, 2)))),
        ("enum('a','b')", Restriction(excluded=("a",))),
        ("timestamptz", Restriction(values=("2020-01-01 12:00:00+02:00",))),
    ],
)
def test_restrictions_are_kept(text: str, restriction: Restriction) -> None:
    """Patterns, lists, exclusions and bounds of texts."""
    target = Target("c", parse_type(text), restriction=restriction)
    for unique in (False, True):
        values = sample(default_domain(target, rows=100, unique=unique, context=CONTEXT))
        assert values
        if restriction.values is None:
            assert all(fits(v, target) for v in values)
        assert all(target.type.length is None or len(v) <= target.type.length for v in values if isinstance(v, str))


@pytest.mark.parametrize(
    ("text", "restriction"),
    [
        ("integer", Restriction(lower=5, upper=4)),
        ("varchar(3)", Restriction(min_length=4)),
        ("char(2)", Restriction(patterns=("^[a-z]{3}$",))),
        ("boolean", Restriction(values=(True,), excluded=(True,))),
        ("smallint", Restriction(lower=40_000)),
        ("varchar(2)", Restriction(values=("abc",))),
        ("date", Restriction(lower=date(2021, 1, 1), upper=date(2020, 1, 1))),
    ],
)
def test_contradictions_are_said(text: str, restriction: Restriction) -> None:
    """An empty domain names the column."""
    with pytest.raises(NoValues, match=r"`t\.c`"):
        default_domain(Target("c", parse_type(text), restriction=restriction), rows=10, unique=False, context=CONTEXT)
