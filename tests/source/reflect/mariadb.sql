CREATE TABLE numbers (a tinyint, b smallint unsigned, c mediumint, d int, e bigint unsigned, f tinyint(1), g int(5) zerofill, h float, i double,
    j float(7, 3), k decimal(10, 2) unsigned, l decimal, m bit(3), n bit, o year, p boolean);
CREATE TABLE texts (a char(3), b varchar(10), c tinytext, d text, e mediumtext, f longtext, g binary(4), h varbinary(16), i tinyblob, j blob,
    k longblob, l enum('a', 'it''s', 'c,d'), m set('x', 'y'));
CREATE TABLE times (a date, b time, c time(3), d datetime, e datetime(6), f timestamp NULL, g timestamp(3) NOT NULL DEFAULT current_timestamp(3));
CREATE TABLE others (a json, b uuid, c inet4, d inet6, e point, f geometry, g longtext CHECK (json_valid(g)), h json CHECK (json_length(h) > 1));
CREATE TABLE counted (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, a int) AUTO_INCREMENT = 500;
CREATE TABLE defaults (a int DEFAULT 1, b varchar(10) DEFAULT 'it''s', c varchar(5) NOT NULL DEFAULT '', d datetime(6) DEFAULT current_timestamp(6)
    ON UPDATE current_timestamp(6), e timestamp NULL ON UPDATE current_timestamp(), f int DEFAULT (1 + 2), g uuid DEFAULT uuid(),
    h bit(3) DEFAULT b'101', i decimal(5, 2) DEFAULT 1.50, j date DEFAULT curdate(), k text DEFAULT 'x', l int DEFAULT NULL);
CREATE TABLE generated_ (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, c varchar(20) AS (concat(a, 'x')) STORED);
CREATE TABLE hidden (a int, b int INVISIBLE DEFAULT 3);
CREATE TABLE parent (a int unsigned NOT NULL, b varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL, c int UNIQUE, PRIMARY KEY (b, a))
    ENGINE = InnoDB ROW_FORMAT = COMPRESSED DEFAULT CHARSET = utf8mb3 COMMENT = 'it''s a (parent)';
CREATE TABLE child (id int PRIMARY KEY, a int unsigned, b varchar(20) CHARACTER SET latin1 COLLATE latin1_bin, c int, up int,
    CONSTRAINT pair FOREIGN KEY (b, a) REFERENCES parent (b, a) ON DELETE SET NULL ON UPDATE CASCADE,
    FOREIGN KEY (c) REFERENCES parent (c), FOREIGN KEY (up) REFERENCES child (id) ON DELETE CASCADE);
CREATE TABLE checks (a int CHECK (a > 0), b int, c varchar(5), CONSTRAINT named CHECK (a < b), CHECK (c IN ('x', 'y')));
CREATE TABLE indexed (a int, b varchar(50), c text, d point NOT NULL, e int, UNIQUE KEY (a), UNIQUE KEY pair (b, a), UNIQUE KEY start_ (c(10)),
    KEY plain (e), KEY ordered (e DESC, a), KEY part (b(5)), FULLTEXT KEY words (b, c), SPATIAL KEY place (d),
    KEY said (a, e) COMMENT 'it''s an index');
CREATE TABLE commented (a int COMMENT 'it''s a column', `b``c "d"` int, `select` int);
CREATE TABLE partitioned (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d)) (PARTITION p0 VALUES LESS THAN (2000),
    PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE versioned (a int) WITH SYSTEM VERSIONING;
CREATE SEQUENCE numbers_from START WITH 5 INCREMENT BY 2;
CREATE TABLE from_sequence (id int DEFAULT nextval(numbers_from));
CREATE VIEW a_view AS SELECT 1 AS one;
CREATE TRIGGER a_trigger BEFORE INSERT ON counted FOR EACH ROW SET new.a = 1;
CREATE PROCEDURE a_procedure() SELECT 1;
