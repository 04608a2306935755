"""Make `source.duckdb` from the real AirBnB new-user data, where you have it.

Download and unpack the competition's CSV files yourself (its terms ask for an account), then:

    python scripts/load_kaggle.py ~/airbnb

`NDF` (no booking) and `other` (a country without a row in `countries`) become NULL, which is what they mean in a database with references.
Sessions of nobody, or of somebody who is not among the users, are left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
from build_source import PROJECT, SCHEMA

USERS = """
INSERT INTO users BY NAME
SELECT
    id,
    date_account_created::date AS date_account_created,
    strptime(timestamp_first_active, '%Y%m%d%H%M%S') AS timestamp_first_active,
    date_first_booking::date AS date_first_booking,
    gender,
    age::double::integer AS age,
    signup_method,
    signup_flow::integer AS signup_flow,
    language,
    affiliate_channel,
    affiliate_provider,
    first_affiliate_tracked,
    signup_app,
    first_device_type,
    first_browser,
    {country} AS country_destination
FROM {file}
"""
COUNTRY = "CASE WHEN country_destination IN ('NDF', 'other') THEN NULL ELSE country_destination END"
OTHERS = {
    "countries.csv": "INSERT INTO countries SELECT * FROM {file}",
    "age_gender_bkts.csv": """
        INSERT INTO age_gender_bkts BY NAME
        SELECT age_bucket, country_destination, gender, population_in_thousands::double::integer AS population_in_thousands,
            year::double::integer AS year
        FROM {file}
    """,
    "train_users_2.csv": USERS.replace("{country}", COUNTRY),
    "test_users.csv": USERS.replace("{country}", "NULL"),
    "sessions.csv": """
        INSERT INTO sessions BY NAME
        SELECT row_number() OVER ()::integer AS id, user_id, action, action_type, action_detail, device_type, secs_elapsed::double::integer AS secs_elapsed
        FROM {file}
        WHERE user_id IN (SELECT id FROM users) AND action IS NOT NULL
    """,
}


def load(directory: Path, path: Path) -> None:
    """Write the database, over an older one."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(SCHEMA)
        for name, statement in OTHERS.items():
            source = str(directory / name).replace("'", "''")
            # Everything as text: each column is converted where its form is known.
            connection.execute(
                statement.replace("{file}", f"read_csv('{source}', header=true, all_varchar=true, nullstr='')")
            )
            print(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="where the CSV files are")
    parser.add_argument("--output", type=Path, default=PROJECT / "source.duckdb")
    options = parser.parse_args()
    load(options.directory, options.output)
