CREATE SCHEMA shop;
CREATE SCHEMA "Odd Schema";
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s');
CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'it''s');
CREATE TYPE shop."Size" AS ENUM ('S', 'M');
CREATE TYPE pair AS STRUCT(a INTEGER, b VARCHAR);
CREATE SEQUENCE counter START 5 INCREMENT 2 MAXVALUE 1000 CYCLE;
CREATE SEQUENCE down INCREMENT -1;
CREATE SEQUENCE shop.orders_id;
CREATE TABLE numbers (a TINYINT, b SMALLINT, c INTEGER, d BIGINT, e HUGEINT, f UTINYINT, g USMALLINT, h UINTEGER, i UBIGINT,
    j UHUGEINT, k FLOAT, l DOUBLE, m DECIMAL, n DECIMAL(10, 2), o DECIMAL(38, 0), p BOOLEAN);
CREATE TABLE times (a DATE, b TIME, c TIMETZ, d TIMESTAMP, e TIMESTAMP_S, f TIMESTAMP_MS, g TIMESTAMP_NS, h TIMESTAMPTZ, i INTERVAL);
CREATE TABLE others (a VARCHAR, b BLOB, c BIT, d UUID, e JSON, f VARCHAR(10));
CREATE TABLE nested (a INTEGER[], b INTEGER[][], c INTEGER[3], d STRUCT(x INTEGER, "y z" VARCHAR[]), e MAP(VARCHAR, INTEGER),
    f STRUCT(p STRUCT(q DECIMAL(5, 1)))[], g UNION(n INTEGER, t VARCHAR), h ENUM('p', 'q')[], i pair);
CREATE TABLE enums (a mood, b shop."Size", c ENUM('only', 'here'), d mood[]);
CREATE TABLE shop.enums (a shop.mood);
CREATE TABLE keys (a INTEGER, b INTEGER, c INTEGER UNIQUE, PRIMARY KEY (b, a), UNIQUE (a, c));
CREATE TABLE defaults (id BIGINT PRIMARY KEY DEFAULT nextval('counter'), a INTEGER DEFAULT -1, b VARCHAR DEFAULT 'it''s',
    c TIMESTAMP DEFAULT now(), d DATE DEFAULT current_date, e INTEGER[] DEFAULT [1, 2], f BOOLEAN DEFAULT true, g UUID DEFAULT uuid(), h DECIMAL(5, 2) DEFAULT 1.50);
CREATE TABLE shop.orders (id INTEGER PRIMARY KEY DEFAULT nextval('shop.orders_id'));
CREATE TABLE generated (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL, c AS (a || 'x'));
CREATE TABLE checks (a INTEGER CHECK (a > 0), b VARCHAR CHECK (b IN ('x', 'y')), CHECK (a < 10 AND b <> 'z'));
CREATE TABLE not_null (a INTEGER NOT NULL, b INTEGER);
CREATE TABLE collated (a VARCHAR COLLATE NOCASE, "B" VARCHAR COLLATE NOCASE.NOACCENT NOT NULL);
CREATE TABLE child (x INTEGER, y INTEGER, c INTEGER REFERENCES keys (c), FOREIGN KEY (y, x) REFERENCES keys (b, a));
CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree (id));
CREATE TABLE "Odd Schema"."Odd ""Table" ("From" INTEGER PRIMARY KEY, "a b" VARCHAR, "select" INTEGER, CHECK ("select" > 0));
CREATE TABLE "Odd Schema".points ("To" INTEGER, FOREIGN KEY ("To") REFERENCES "Odd Schema"."Odd ""Table" ("From"));
CREATE INDEX "odd index" ON "Odd Schema"."Odd ""Table" ("a b", "select");
CREATE TABLE indexed (a INTEGER, b VARCHAR);
CREATE INDEX i_plain ON indexed (a);
CREATE UNIQUE INDEX i_expression ON indexed (lower(b), a);
CREATE TABLE commented (a INTEGER);
COMMENT ON TABLE commented IS 'it''s a table';
COMMENT ON COLUMN commented.a IS 'a column';
CREATE VIEW a_view AS SELECT 1 AS one;
CREATE MACRO twice(x) AS x * 2;
