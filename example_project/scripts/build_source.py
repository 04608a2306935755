"""Make `source.duckdb`: a private database to try ssg on, in the shape of the AirBnB new-user data.

Every person in it is invented, always the same ones. About 20,000 users and 200,000 sessions, in a few seconds:

    python scripts/build_source.py

The columns, their values and the dirt in them (ages of 2014, unknown genders, missing bookings) are those of the public Kaggle data set, which
`load_kaggle.py` loads where you have it.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

PROJECT = Path(__file__).resolve().parent.parent
SEED = 20140630
FIRST_DAY, LAST_DAY = np.datetime64("2010-01-01"), np.datetime64("2014-06-30")

SCHEMA = """
CREATE TABLE countries (
    country_destination varchar(5) PRIMARY KEY,
    lat_destination numeric(9, 6) NOT NULL,
    lng_destination numeric(9, 6) NOT NULL,
    distance_km numeric(9, 4) NOT NULL,
    destination_km2 integer NOT NULL,
    destination_language varchar(10) NOT NULL,
    language_levenshtein_distance numeric(6, 2) NOT NULL
);
CREATE TABLE age_gender_bkts (
    age_bucket varchar(10),
    country_destination varchar(5) REFERENCES countries (country_destination),
    gender varchar(10),
    population_in_thousands integer NOT NULL,
    year integer,
    PRIMARY KEY (age_bucket, country_destination, gender, year)
);
CREATE TABLE users (
    id varchar(10) PRIMARY KEY,
    date_account_created date NOT NULL,
    timestamp_first_active timestamp NOT NULL,
    date_first_booking date,
    gender varchar(10) NOT NULL,
    age integer,
    signup_method varchar(10) NOT NULL,
    signup_flow integer NOT NULL,
    language varchar(10) NOT NULL,
    affiliate_channel varchar(20) NOT NULL,
    affiliate_provider varchar(20) NOT NULL,
    first_affiliate_tracked varchar(20),
    signup_app varchar(10) NOT NULL,
    first_device_type varchar(30) NOT NULL,
    first_browser varchar(40) NOT NULL,
    country_destination varchar(5) REFERENCES countries (country_destination)
);
CREATE TABLE sessions (
    id integer PRIMARY KEY,
    user_id varchar(10) NOT NULL REFERENCES users (id),
    action varchar(50) NOT NULL,
    action_type varchar(30),
    action_detail varchar(50),
    device_type varchar(40) NOT NULL,
    secs_elapsed integer
);
"""

DEVICES = {
    "Web": {"Mac Desktop": 46, "Windows Desktop": 41, "Desktop (Other)": 3, "iPad": 7, "Other/Unknown": 3},
    "iOS": {"iPhone": 81, "iPad": 19},
    "Android": {"Android Phone": 74, "Android Tablet": 21, "SmartPhone (Other)": 5},
    "Moweb": {"iPhone": 57, "iPad": 18, "Android Phone": 21, "Other/Unknown": 4},
}
BROWSERS = {
    "Mac Desktop": {"Safari": 44, "Chrome": 40, "Firefox": 15, "Opera": 1},
    "Windows Desktop": {"Chrome": 41, "Firefox": 27, "IE": 30, "Opera": 1, "-unknown-": 1},
    "Desktop (Other)": {"Chrome": 62, "Firefox": 33, "-unknown-": 5},
    "iPad": {"Mobile Safari": 85, "-unknown-": 15},
    "iPhone": {"Mobile Safari": 46, "-unknown-": 54},
    "Android Phone": {"-unknown-": 62, "Chrome Mobile": 21, "Android Browser": 17},
    "Android Tablet": {"-unknown-": 48, "Chrome Mobile": 22, "Android Browser": 30},
    "SmartPhone (Other)": {"-unknown-": 100},
    "Other/Unknown": {"-unknown-": 58, "Chrome": 24, "Silk": 18},
}
SESSION_DEVICES = {
    "Mac Desktop": "Mac Desktop",
    "Windows Desktop": "Windows Desktop",
    "Desktop (Other)": "Linux Desktop",
    "iPad": "iPad Tablet",
    "iPhone": "iPhone",
    "Android Phone": "Android Phone",
    "Android Tablet": "Android App Unknown Phone/Tablet",
    "SmartPhone (Other)": "Windows Phone",
    "Other/Unknown": "-unknown-",
}
CHANNELS = {
    "direct": 65,
    "sem-brand": 12,
    "sem-non-brand": 9,
    "other": 4,
    "seo": 4,
    "api": 4,
    "content": 1.5,
    "remarketing": 0.5,
}
PROVIDERS = {
    "direct": {"direct": 100},
    "sem-brand": {"google": 94, "bing": 6},
    "sem-non-brand": {"google": 79, "vast": 6, "facebook": 8, "bing": 5, "yahoo": 2},
    "other": {"craigslist": 55, "facebook": 16, "email-marketing": 12, "other": 17},
    "seo": {"google": 87, "bing": 6, "facebook-open-graph": 7},
    "api": {"other": 90, "meetup": 6, "padmapper": 4},
    "content": {"google": 82, "other": 18},
    "remarketing": {"google": 100},
}
TRACKED = {"untracked": 52, "linked": 22, "omg": 21, "tracked-other": 3, "product": 0.8, "marketing": 0.2, None: 1}
LANGUAGES = {
    "en": 96.6,
    "zh": 0.8,
    "fr": 0.6,
    "es": 0.4,
    "ko": 0.4,
    "de": 0.4,
    "it": 0.3,
    "ru": 0.2,
    "ja": 0.2,
    "pt": 0.1,
}
COUNTRIES = {
    "US": 70.2,
    None: 11.3,
    "FR": 5.7,
    "IT": 3.2,
    "GB": 2.6,
    "ES": 2.5,
    "CA": 1.6,
    "DE": 1.2,
    "NL": 0.9,
    "AU": 0.6,
    "PT": 0.2,
}
AT_HOME = {"fr": "FR", "es": "ES", "de": "DE", "it": "IT", "pt": "PT"}
ACTIONS = {
    ("show", "view", "p3"): 24,
    ("index", "view", "view_search_results"): 14,
    ("search_results", "click", "view_search_results"): 12,
    ("personalize", "data", "wishlist_content_update"): 11,
    ("ajax_refresh_subtotal", "click", "change_trip_characteristics"): 8,
    ("similar_listings", "data", "similar_listings"): 6,
    ("social_connections", "data", "user_social_connections"): 5,
    ("reviews", "data", "listing_reviews"): 5,
    ("header_userpic", "data", "header_userpic"): 4,
    ("active", "-unknown-", "-unknown-"): 3,
    ("create", "submit", "create_user"): 2,
    ("lookup", None, None): 3,
    ("dashboard", "view", "dashboard"): 1.5,
    ("requested", "view", "p5"): 1,
    ("pending", "booking_request", "pending"): 0.5,
}
POPULATION = {
    "US": 321.8,
    "FR": 64.4,
    "CA": 35.9,
    "GB": 64.7,
    "ES": 46.1,
    "IT": 59.8,
    "PT": 10.3,
    "NL": 16.9,
    "DE": 80.7,
    "AU": 24.0,
}


def pick(rng: np.random.Generator, weights: dict, size: int) -> np.ndarray:
    """Values at random, by weight."""
    values = np.empty(len(weights), dtype=object)
    values[:] = list(weights)
    shares = np.array(list(weights.values()), dtype=float)
    return values[rng.choice(len(values), size=size, p=shares / shares.sum())]


def pick_given(rng: np.random.Generator, tables: dict, given: np.ndarray) -> np.ndarray:
    """As `pick`, from the table that belongs to each row's value of another column."""
    result = np.empty(len(given), dtype=object)
    for value, weights in tables.items():
        rows = given == value
        result[rows] = pick(rng, weights, int(rows.sum()))
    return result


def ids(rng: np.random.Generator, size: int) -> np.ndarray:
    """Ten random characters each, no two alike."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz0123456789"))
    found = np.empty(0, dtype="U10")
    while len(found) < size:
        drawn = letters[rng.integers(36, size=(size, 10))].astype("U1").view("U10").ravel()
        found = np.unique(np.concatenate([found, drawn]))
    return rng.permutation(found)[:size]


def where(
    condition: np.ndarray, values: Sequence | np.ndarray, otherwise: Sequence | np.ndarray | None = None
) -> np.ndarray:
    """Like `numpy.where` for values that may be NULL (None)."""
    result = np.empty(len(condition), dtype=object)
    result[:] = otherwise
    result[condition] = np.broadcast_to(np.asarray(values, dtype=object), condition.shape)[condition]
    return result


def users(rng: np.random.Generator, size: int) -> pa.Table:
    """More of them every year; younger and more mobile; those who came by Facebook tell their gender and age."""
    days = (LAST_DAY - FIRST_DAY).astype(int)
    day = np.sort(np.floor(days * np.log1p(rng.random(size) * np.expm1(3.5)) / 3.5)).astype("timedelta64[D]")
    created = FIRST_DAY + day
    active = created.astype("datetime64[s]") + rng.integers(86_400, size=size).astype("timedelta64[s]")
    returning = rng.random(size) < 0.01
    active[returning] -= (rng.exponential(40, size=int(returning.sum())) * 86_400).astype("timedelta64[s]")

    late = day.astype(int) / days
    app = where(
        rng.random(size) < 0.03 + 0.22 * late**3,
        pick(rng, {"iOS": 62, "Moweb": 24, "Android": 14}, size),
        ["Web"] * size,
    )
    device = pick_given(rng, DEVICES, app)
    facebook = rng.random(size) < np.where(app == "Android", 0.1, 0.29)
    method = where(facebook, ["facebook"] * size, pick(rng, {"basic": 99.5, "google": 0.5}, size))
    known = rng.random(size) < np.where(facebook, 0.82, 0.44)
    gender = where(known, pick(rng, {"FEMALE": 53.5, "MALE": 46, "OTHER": 0.5}, size), ["-unknown-"] * size)

    age = np.floor(18 + rng.gamma(2.3, 8.2, size)).astype(int)
    age = np.where(rng.random(size) < 0.012, pick(rng, {2014: 60, 2013: 6, 105: 20, 110: 5, 5: 4, 2: 5}, size), age)
    birth_year = rng.random(size) < 0.003
    age = np.where(birth_year, 2014 - np.clip(age, 16, 90).astype(int), age)
    tells_age = rng.random(size) < np.where(known, 0.84, 0.3)

    language = pick(rng, LANGUAGES, size)
    channel = pick(rng, CHANNELS, size)
    books = rng.random(size) < np.where(known, 0.49, 0.33)
    lag = np.where(rng.random(size) < 0.55, rng.geometric(0.45, size) - 1, np.floor(rng.exponential(75, size)))
    booking = created + lag.astype("timedelta64[D]")
    books &= booking <= LAST_DAY
    country = pick(rng, COUNTRIES, size)
    for spoken, home in AT_HOME.items():
        country = where((language == spoken) & (rng.random(size) < 0.35), [home] * size, country)
    flow = where(
        app == "iOS",
        pick(rng, {25: 80, 12: 20}, size),
        where(app == "Android", [23] * size, pick(rng, {0: 88, 3: 6, 1: 2, 2: 4}, size)),
    )

    return pa.table(
        {
            "id": pa.array(ids(rng, size)),
            "date_account_created": pa.array(created),
            "timestamp_first_active": pa.array(active.astype("datetime64[us]")),
            "date_first_booking": pa.array(where(books, booking.astype(object))),
            "gender": pa.array(gender),
            "age": pa.array(where(tells_age, age), pa.int32()),
            "signup_method": pa.array(method),
            "signup_flow": pa.array(flow, pa.int32()),
            "language": pa.array(language),
            "affiliate_channel": pa.array(channel),
            "affiliate_provider": pa.array(pick_given(rng, PROVIDERS, channel)),
            "first_affiliate_tracked": pa.array(pick(rng, TRACKED, size)),
            "signup_app": pa.array(app),
            "first_device_type": pa.array(device),
            "first_browser": pa.array(pick_given(rng, BROWSERS, device)),
            "country_destination": pa.array(where(books, country)),
        }
    )


def sessions(rng: np.random.Generator, people: pa.Table, per_user: float) -> pa.Table:
    """Few users make most of them; mostly on the device they first came with."""
    weight = rng.lognormal(0, 1.4, people.num_rows) * (rng.random(people.num_rows) < 0.6)
    count = rng.poisson(weight / weight.sum() * per_user * people.num_rows)
    size = int(count.sum())
    first = np.array([SESSION_DEVICES[d] for d in people["first_device_type"].to_pylist()], dtype=object)
    others = dict.fromkeys(SESSION_DEVICES.values(), 1)
    actions = np.array(pick(rng, ACTIONS, size).tolist(), dtype=object)
    seconds = np.minimum(np.exp(rng.normal(6.9, 2.1, size)), 1_799_977).astype(int)
    return pa.table(
        {
            "id": pa.array(np.arange(1, size + 1, dtype=np.int32)),
            "user_id": pa.array(np.repeat(people["id"].to_numpy(zero_copy_only=False), count)),
            "action": pa.array(actions[:, 0]),
            "action_type": pa.array(actions[:, 1]),
            "action_detail": pa.array(actions[:, 2]),
            "device_type": pa.array(where(rng.random(size) < 0.82, np.repeat(first, count), pick(rng, others, size))),
            "secs_elapsed": pa.array(where(rng.random(size) > 0.013, seconds), pa.int32()),
        }
    )


def age_gender_bkts() -> pa.Table:
    """Plausible pyramids, not the official figures."""
    rows = []
    for code, millions in POPULATION.items():
        share = np.array([max(0.02, 1 - (max(0, lower - 45) / 52) ** 1.5) for lower in range(0, 105, 5)])
        for i, part in enumerate(share / share.sum()):
            bucket = "100+" if i == 20 else f"{5 * i}-{5 * i + 4}"
            for gender, half in (("female", 0.5 + 0.004 * i), ("male", 0.5 - 0.004 * i)):
                rows.append((bucket, code, gender, round(millions * 1000 * part * half), 2015))
    names = ["age_bucket", "country_destination", "gender", "population_in_thousands", "year"]
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))


def countries() -> pa.Table:
    """The ten destinations, as the project's vocabulary has them."""
    with (PROJECT / "vocabularies" / "countries.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return pa.table({name: [row[name] for row in rows] for name in rows[0]})


def build(path: Path, size: int) -> None:
    """Write the database, over an older one."""
    rng = np.random.default_rng(SEED)
    people = users(rng, size)
    tables = {
        "countries": countries(),
        "age_gender_bkts": age_gender_bkts(),
        "users": people,
        "sessions": sessions(rng, people, per_user=10),
    }
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(SCHEMA)
        for name, table in tables.items():
            connection.register("made", table)
            connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM made")
            print(f"{name}: {table.num_rows:,} rows")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PROJECT / "source.duckdb")
    parser.add_argument("--users", type=int, default=20_000)
    options = parser.parse_args()
    build(options.output, options.users)
