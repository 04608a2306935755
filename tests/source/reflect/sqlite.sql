-- SQLite keeps what people wrote, and takes nearly anything.
CREATE TABLE plain (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', n NUMERIC(10,2));
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
CREATE TABLE int_key (id INT PRIMARY KEY);
CREATE TABLE descending (id INTEGER PRIMARY KEY DESC);
CREATE TABLE without_rowid (a TEXT, b INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID;
CREATE TABLE strict (id INTEGER PRIMARY KEY, a ANY, b BLOB, c REAL) STRICT, WITHOUT ROWID;
CREATE TABLE "quoted ""table""" ([a b] INTEGER, `c``d` TEXT, "e,f" TEXT DEFAULT "dq", 'g' INT, select_ INT,
    CHECK ([a b] > 0), UNIQUE ([a b], `c``d`));
CREATE TABLE /* why (not) */ commented ( -- an id, of course
    id INTEGER /* the key, PRIMARY */ PRIMARY KEY, -- CHECK (id > 1)
    a TEXT -- comma, here
    , b TEXT CHECK (b <> 'it''s, (not)' /* really ) */ AND length(b) > 1 -- at least
    ), c TEXT DEFAULT 'x -- no comment'
    -- the end
);
CREATE TABLE checked (a INT CONSTRAINT positive CHECK (a > 0) CHECK (a < 10), b TEXT CHECK (b IN ('x', 'y')),
    CONSTRAINT both CHECK (a > 1 OR b = 'x') CHECK (a <> 5), CHECK(a>b));
CREATE TABLE defaults (a INT DEFAULT -1, b TEXT DEFAULT (lower('X') || 'y'), c TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    d TEXT DEFAULT NULL, e REAL DEFAULT 1.5e3, f BLOB DEFAULT x'00ff', g BOOLEAN DEFAULT true, h TEXT DEFAULT 'it''s');
CREATE TABLE generated (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED, c TEXT AS (a || ',' || b) VIRTUAL, d AS (a));
CREATE TABLE collated (a TEXT COLLATE NOCASE, b TEXT COLLATE "RTRIM" NOT NULL UNIQUE, c VARCHAR(5) NOT NULL COLLATE BINARY);
CREATE TABLE spelled (a UNSIGNED BIG INT, b VARYING CHARACTER(255), c DOUBLE PRECISION, d NATIVE CHARACTER (70), e MY_TYPE,
    f NUMBER(10, 5), g DATETIME, h "weird type", i TINYINT(1), j STRING, k LONG VARCHAR, l);
CREATE TABLE parents (id INTEGER PRIMARY KEY, a INT, b INT, UNIQUE (a, b));
CREATE TABLE two_keys (x INT, y INT, PRIMARY KEY (x, y));
CREATE TABLE children (id INTEGER PRIMARY KEY REFERENCES parents, p INT REFERENCES PARENTS (ID) ON DELETE CASCADE ON UPDATE SET NULL,
    q INT CONSTRAINT named REFERENCES parents DEFERRABLE INITIALLY DEFERRED, x INT, y INT, me INT REFERENCES children,
    lost INT REFERENCES nowhere, wrong INT REFERENCES two_keys,
    FOREIGN KEY (x, y) REFERENCES two_keys, CONSTRAINT pair FOREIGN KEY (y, x) REFERENCES parents (a, b) ON DELETE RESTRICT MATCH FULL
    NOT DEFERRABLE);
CREATE TABLE named_keys (a INT, b INT, c INT CONSTRAINT only_c UNIQUE, CONSTRAINT the_key PRIMARY KEY (a, b), CONSTRAINT pair UNIQUE (b, c));
CREATE TABLE conflicts (a INT PRIMARY KEY ON CONFLICT REPLACE, b INT UNIQUE ON CONFLICT IGNORE, c INT NOT NULL ON CONFLICT FAIL);
CREATE TABLE indexed (a INT, b TEXT, c TEXT);
CREATE INDEX i_plain ON indexed (a);
CREATE UNIQUE INDEX i_unique ON indexed (b COLLATE NOCASE DESC, a ASC);
CREATE INDEX i_expression ON indexed (lower(b), (a + 1) DESC, "c") WHERE a > 0 AND b <> ')';
CREATE TABLE altered (a INT);
ALTER TABLE altered ADD COLUMN b TEXT DEFAULT 'x' CHECK (b <> '');
ALTER TABLE altered RENAME COLUMN a TO "new name";
CREATE TABLE Case_ (id INTEGER PRIMARY KEY);
CREATE TABLE made_from AS SELECT 1 AS one, 'x' AS "two words";
CREATE TABLE "select" ("from" INT, "order" INT);
CREATE VIEW a_view AS SELECT 1;
CREATE TRIGGER a_trigger AFTER INSERT ON plain BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE searched USING fts5 (title, text);
