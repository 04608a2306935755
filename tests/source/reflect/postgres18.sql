-- What came with PostgreSQL 18.
-- @ virtual
CREATE TABLE virtual (a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL);
-- @ not_enforced
CREATE TABLE not_enforced (id integer PRIMARY KEY, a integer CHECK (a > 0) NOT ENFORCED);
-- @ named_not_null
CREATE TABLE named_not_null (a integer CONSTRAINT must_be NOT NULL);
-- @ temporal
CREATE TABLE temporal (id int4range, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
