"""What PostgreSQL's catalogs say, as rows. Every query reads `pg_catalog` only.

With `search_path` set to the default schema, texts name its objects without schema, and all others with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssgproj.source.connect import SourceConnection

Row = dict[str, Any]

FIRST_USER_OID = 16384
"""Lower oids belong to objects that every server has."""

_SETTINGS = {
    "quote_all_identifiers": "off",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "3",
    "xmloption": "content",
}


def prepare(connection: SourceConnection, default_schema: str) -> int:
    """Make the catalogs' texts the same wherever they are read; returns the server's major version."""
    for name, value in _SETTINGS.items():
        connection.fetch("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
    path = "pg_catalog, " + '"' + default_schema.replace('"', '""') + '"'
    connection.fetch("SELECT pg_catalog.set_config('search_path', %s, true)", (path,))
    row = connection.fetch("SELECT current_setting('server_version_num')::int / 10000 AS version")[0]
    return int(row["version"])


def keywords(connection: SourceConnection) -> frozenset[str]:
    """The words that must be quoted as names."""
    return frozenset(r["word"] for r in connection.fetch("SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'"))


def schemas(connection: SourceConnection) -> list[Row]:
    """The schemas that are not the system's and not an extension's, with comments."""
    return connection.fetch(
        """
        SELECT n.oid, n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS comment
        FROM pg_namespace n
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid
                          AND e.deptype = 'e')
        ORDER BY n.nspname
        """
    )


def relations(connection: SourceConnection) -> list[Row]:
    """Everything in `pg_class` that is no index and no system's or extension's."""
    return connection.fetch(
        """
        SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
               c.relpersistence::text AS persistence, c.relispartition AS is_partition, c.reloptions AS options,
               t.reloptions AS toast_options, c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_security,
               c.relreplident::text AS replica_identity, a.amname AS method, s.spcname AS tablespace,
               CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
               obj_description(c.oid, 'pg_class') AS comment,
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
               pg_get_expr(c.relpartbound, c.oid) AS bound,
               ARRAY(SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
        LEFT JOIN pg_am a ON a.oid = c.relam
        LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
        WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                          AND e.deptype = 'e')
        ORDER BY n.nspname, c.relname
        """
    )


def columns(connection: SourceConnection, tables: Sequence[int], version: int) -> list[Row]:
    """The columns of tables, in order; dropped ones are not there."""
    compression = "a.attcompression::text" if version >= 14 else "''"
    return connection.fetch(
        f"""
        SELECT a.attrelid AS table, a.attnum AS number, a.attname AS name,
               format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null, a.attidentity::text AS identity,
               a.attgenerated::text AS generated, pg_get_expr(d.adbin, d.adrelid) AS expression,
               CASE WHEN a.attcollation <> t.typcollation THEN l.collname END AS collation,
               m.nspname AS collation_schema, col_description(a.attrelid, a.attnum) AS comment,
               CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
               coalesce(a.attstattarget, -1) AS statistics, {compression} AS compression, a.attoptions AS options,
               a.attislocal AS is_local, a.attinhcount AS inherited, t.typtype::text AS type_kind,
               coalesce(r.relkind::text, '') AS type_relation
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_class r ON r.oid = t.typrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_namespace m ON m.oid = l.collnamespace
        WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """,
        (list(tables),),
    )


def constraints(connection: SourceConnection, tables: Sequence[int], version: int) -> list[Row]:
    """The constraints of tables, by name."""
    set_columns = "c.confdelsetcols::int[]" if version >= 15 else "NULL::int[]"
    enforced = "c.conenforced" if version >= 18 else "true"
    period = "c.conperiod" if version >= 18 else "false"
    return connection.fetch(
        f"""
        SELECT c.oid, c.conname AS name, c.contype::text AS type, c.conrelid AS table, c.conkey::int[] AS columns,
               c.confrelid AS to_table, c.confkey::int[] AS to_columns, c.confupdtype::text AS on_update,
               c.confdeltype::text AS on_delete, {set_columns} AS set_columns, c.confmatchtype::text AS match,
               c.condeferrable AS deferrable, c.condeferred AS deferred, c.convalidated AS validated,
               c.connoinherit AS no_inherit, c.conislocal AS is_local, c.coninhcount AS inherited,
               c.conparentid AS parent, c.conindid AS index, {enforced} AS enforced, {period} AS period,
               pg_get_expr(c.conbin, c.conrelid) AS expression, pg_get_constraintdef(c.oid) AS definition,
               CASE WHEN c.contype = 'x' THEN ARRAY(SELECT o.oprname FROM unnest(c.conexclop) WITH ORDINALITY u(oid, n)
                    JOIN pg_operator o ON o.oid = u.oid ORDER BY u.n) END AS operators,
               obj_description(c.oid, 'pg_constraint') AS comment
        FROM pg_constraint c
        WHERE c.conrelid = ANY(%s::oid[])
        ORDER BY c.conrelid, c.conname
        """,
        (list(tables),),
    )


def indexes(connection: SourceConnection, tables: Sequence[int], version: int) -> list[Row]:
    """The indexes of tables, those behind constraints too (`constraint` is then set), by name."""
    not_distinct = "i.indnullsnotdistinct" if version >= 15 else "false"
    return connection.fetch(
        f"""
        SELECT i.indexrelid AS oid, i.indrelid AS table, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
               i.indisunique AS is_unique, i.indisvalid AS is_valid, i.indisclustered AS is_clustered,
               i.indisreplident AS is_replica_identity, {not_distinct} AS nulls_not_distinct,
               i.indkey::int[] AS columns, i.indnkeyatts AS keys, i.indoption::int[] AS flags, a.amname AS method,
               pg_indexam_has_property(a.oid, 'can_order') AS can_order, c.reloptions AS options,
               s.spcname AS tablespace, pg_get_expr(i.indpred, i.indrelid) AS predicate,
               pg_get_indexdef(i.indexrelid) AS definition,
               ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnatts) k ORDER BY k)
                   AS parts,
               ARRAY(SELECT CASE WHEN o.opcdefault THEN '' WHEN pg_opclass_is_visible(o.oid) THEN quote_ident(o.opcname)
                            ELSE quote_ident(m.nspname) || '.' || quote_ident(o.opcname) END
                     FROM unnest(i.indclass::oid[]) WITH ORDINALITY u(oid, k) JOIN pg_opclass o ON o.oid = u.oid
                     JOIN pg_namespace m ON m.oid = o.opcnamespace ORDER BY u.k) AS operator_classes,
               ARRAY(SELECT CASE WHEN u.oid = 0 OR f.attnum IS NULL OR u.oid = f.attcollation THEN ''
                            WHEN pg_collation_is_visible(u.oid) THEN quote_ident(l.collname)
                            ELSE quote_ident(m.nspname) || '.' || quote_ident(l.collname) END
                     FROM unnest(i.indcollation::oid[]) WITH ORDINALITY u(oid, k)
                     LEFT JOIN pg_collation l ON l.oid = u.oid
                     LEFT JOIN pg_namespace m ON m.oid = l.collnamespace
                     LEFT JOIN pg_attribute f ON f.attrelid = i.indrelid AND f.attnum = i.indkey[u.k - 1] AND f.attnum > 0
                     ORDER BY u.k) AS collations,
               ARRAY(SELECT b.attname FROM pg_attribute b WHERE b.attrelid = i.indexrelid ORDER BY b.attnum) AS labels,
               ARRAY(SELECT b.attnum || ' ' || b.attstattarget FROM pg_attribute b WHERE b.attrelid = i.indexrelid
                     AND b.attstattarget >= 0 ORDER BY b.attnum) AS statistics,
               k.conname AS constraint, k.contype::text AS constraint_type,
               (SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = i.indexrelid) AS parent,
               obj_description(i.indexrelid, 'pg_class') AS comment
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_am a ON a.oid = c.relam
        LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
        LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
        WHERE i.indrelid = ANY(%s::oid[])
        ORDER BY i.indrelid, c.relname
        """,
        (list(tables),),
    )


def sequences(connection: SourceConnection) -> list[Row]:
    """All sequences with their settings, and the column that owns each (`deptype` a: serial, i: identity)."""
    return connection.fetch(
        """
        SELECT s.seqrelid AS oid, n.nspname AS schema, c.relname AS name, format_type(s.seqtypid, NULL) AS type,
               s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS minvalue, s.seqmax AS maxvalue,
               s.seqcache AS cache, s.seqcycle AS cycle, c.relpersistence::text AS persistence,
               d.refobjid AS table, d.refobjsubid AS column, d.deptype::text AS deptype,
               obj_description(c.oid, 'pg_class') AS comment
        FROM pg_sequence s
        JOIN pg_class c ON c.oid = s.seqrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
             AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        WHERE n.nspname !~ '^pg_temp'
        ORDER BY n.nspname, c.relname
        """
    )


def types(connection: SourceConnection) -> list[Row]:
    """Types that people made: enums, domains, composites, ranges and base types, without extensions' own."""
    return connection.fetch(
        """
        SELECT t.oid, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind, t.typnotnull AS not_null,
               pg_get_expr(t.typdefaultbin, 0) AS expression, t.typdefault AS default_text,
               CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base,
               CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN l.collname END AS collation,
               m.nspname AS collation_schema, t.typrelid::bigint AS relation, obj_description(t.oid, 'pg_type') AS comment,
               ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
        FROM pg_type t
        JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_type b ON b.oid = t.typbasetype
        LEFT JOIN pg_class c ON c.oid = t.typrelid
        LEFT JOIN pg_collation l ON l.oid = t.typcollation
        LEFT JOIN pg_namespace m ON m.oid = l.collnamespace
        WHERE t.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
               OR (t.typtype = 'b' AND t.typelem = 0) OR (t.typtype = 'b' AND t.typcategory <> 'A'))
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
                          AND e.deptype = 'e')
        ORDER BY n.nspname, t.typname
        """
    )


def type_fields(connection: SourceConnection, relations_of_types: Sequence[int]) -> list[Row]:
    """The fields of composite types, in order."""
    return connection.fetch(
        """
        SELECT a.attrelid::bigint AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
               CASE WHEN a.attcollation <> t.typcollation THEN l.collname END AS collation,
               m.nspname AS collation_schema, col_description(a.attrelid, a.attnum) AS comment
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_namespace m ON m.oid = l.collnamespace
        WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """,
        (list(relations_of_types),),
    )


def type_constraints(connection: SourceConnection) -> list[Row]:
    """The constraints of domains, by name."""
    return connection.fetch(
        """
        SELECT c.oid, c.contypid AS domain, c.conname AS name, c.contype::text AS type, c.convalidated AS validated,
               pg_get_expr(c.conbin, 0) AS expression, obj_description(c.oid, 'pg_constraint') AS comment
        FROM pg_constraint c
        WHERE c.contypid <> 0
        ORDER BY c.contypid, c.conname
        """
    )


def ranges(connection: SourceConnection, version: int) -> list[Row]:
    """What range types are made of."""
    multirange = "format_type(r.rngmultitypid, NULL)" if version >= 14 else "NULL"
    multirange_name = "(SELECT u.typname FROM pg_type u WHERE u.oid = r.rngmultitypid)" if version >= 14 else "NULL"
    return connection.fetch(
        f"""
        SELECT r.rngtypid AS oid, format_type(r.rngsubtype, NULL) AS subtype,
               CASE WHEN NOT o.opcdefault THEN quote_ident(m.nspname) || '.' || quote_ident(o.opcname) END AS operator_class,
               CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> t.typcollation
                    THEN quote_ident(k.nspname) || '.' || quote_ident(l.collname) END AS collation,
               CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END AS canonical,
               CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END AS difference,
               {multirange} AS multirange, {multirange_name} AS multirange_name
        FROM pg_range r
        JOIN pg_type t ON t.oid = r.rngsubtype
        JOIN pg_opclass o ON o.oid = r.rngsubopc
        JOIN pg_namespace m ON m.oid = o.opcnamespace
        LEFT JOIN pg_collation l ON l.oid = r.rngcollation
        LEFT JOIN pg_namespace k ON k.oid = l.collnamespace
        WHERE r.rngtypid >= 16384
        """
    )


def functions(connection: SourceConnection) -> list[Row]:
    """Functions and procedures that people made, with their text."""
    return connection.fetch(
        """
        SELECT p.oid, n.nspname AS schema, p.proname AS name, p.prokind::text AS kind, p.prosrc AS body,
               p.prorettype = 'trigger'::regtype OR p.prorettype = 'event_trigger'::regtype AS is_trigger,
               l.lanname AS language, pg_get_function_identity_arguments(p.oid) AS arguments,
               CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition,
               obj_description(p.oid, 'pg_proc') AS comment,
               (SELECT x.extname FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid
                WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e') AS extension
        FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_language l ON l.oid = p.prolang
        WHERE p.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          -- A range's constructors come with the range.
          AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid
                          AND i.deptype = 'i')
        ORDER BY n.nspname, p.proname, p.oid
        """
    )


def extensions(connection: SourceConnection) -> list[Row]:
    """The installed extensions but PL/pgSQL; `trusted` ones need no superuser."""
    return connection.fetch(
        """
        SELECT e.oid, e.extname AS name, n.nspname AS schema, coalesce(v.trusted, false) AS trusted,
               v.schema AS fixed_schema
        FROM pg_extension e
        JOIN pg_namespace n ON n.oid = e.extnamespace
        LEFT JOIN pg_available_extension_versions v ON v.name = e.extname AND v.version = e.extversion
        WHERE e.extname <> 'plpgsql'
        ORDER BY e.extname
        """
    )


def collations(connection: SourceConnection, version: int) -> list[Row]:
    """Collations that people made."""
    locale = {True: "c.colllocale", False: "c.colliculocale" if version >= 15 else "NULL"}[version >= 17]
    rules = "c.collicurules" if version >= 16 else "NULL"
    return connection.fetch(
        f"""
        SELECT c.oid, n.nspname AS schema, c.collname AS name, c.collprovider::text AS provider,
               c.collisdeterministic AS deterministic, c.collcollate AS collate, c.collctype AS ctype,
               {locale} AS locale, {rules} AS rules, obj_description(c.oid, 'pg_collation') AS comment
        FROM pg_collation c
        JOIN pg_namespace n ON n.oid = c.collnamespace
        WHERE c.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        ORDER BY n.nspname, c.collname
        """
    )


def statistics(connection: SourceConnection, tables: Sequence[int]) -> list[Row]:
    """Extended statistics on tables."""
    return connection.fetch(
        """
        SELECT s.oid, s.stxrelid AS table, n.nspname AS schema, s.stxname AS name, s.stxstattarget AS target,
               pg_get_statisticsobjdef(s.oid) AS definition, obj_description(s.oid, 'pg_statistic_ext') AS comment
        FROM pg_statistic_ext s
        JOIN pg_namespace n ON n.oid = s.stxnamespace
        WHERE s.stxrelid = ANY(%s::oid[])
        ORDER BY n.nspname, s.stxname
        """,
        (list(tables),),
    )


def dependencies(connection: SourceConnection) -> list[Row]:
    """Which object needs which: from anything people made to functions, types, operators, collations, sequences and
    extensions (`deptype` e: is a part of)."""
    return connection.fetch(
        """
        SELECT d.classid::regclass::text AS class, d.objid AS object, d.refclassid::regclass::text AS to_class,
               d.refobjid AS to_object, d.deptype::text AS type
        FROM pg_depend d
        LEFT JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
        WHERE d.objid >= 16384 AND d.refobjid >= 16384
          AND (d.refclassid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_opclass'::regclass, 'pg_operator'::regclass,
                                'pg_opfamily'::regclass, 'pg_collation'::regclass, 'pg_extension'::regclass,
                                'pg_ts_config'::regclass, 'pg_ts_dict'::regclass, 'pg_am'::regclass)
               OR c.relkind = 'S')
        UNION
        SELECT 'pg_type', t.oid, 'pg_class', t.typrelid, 'n' FROM pg_type t WHERE t.oid >= 16384 AND t.typrelid <> 0
        UNION
        SELECT 'pg_type', t.oid, 'pg_constraint', c.oid, 'n' FROM pg_type t JOIN pg_constraint c ON c.contypid = t.oid
        UNION
        SELECT 'pg_class', a.adrelid, 'pg_attrdef', a.oid, 'n' FROM pg_attrdef a
        UNION
        SELECT 'pg_class', k.conrelid, 'pg_constraint', k.oid, 'n' FROM pg_constraint k WHERE k.conrelid <> 0
        UNION
        SELECT 'pg_class', i.indrelid, 'pg_class', i.indexrelid, 'n' FROM pg_index i WHERE i.indexrelid >= 16384
        UNION
        SELECT 'pg_class', s.stxrelid, 'pg_statistic_ext', s.oid, 'n' FROM pg_statistic_ext s
        """
    )


def left_out(connection: SourceConnection, version: int) -> list[Row]:
    """Triggers, rules and policies, each with its table."""
    own = "AND t.tgparentid = 0" if version >= 13 else ""
    return connection.fetch(
        f"""
        SELECT 'Trigger' AS kind, t.tgname AS name, t.tgrelid AS table FROM pg_trigger t WHERE NOT t.tgisinternal {own}
        UNION ALL
        SELECT 'Rule', r.rulename, r.ev_class FROM pg_rewrite r WHERE r.rulename <> '_RETURN'
        UNION ALL
        SELECT 'Policy', p.polname, p.polrelid FROM pg_policy p
        ORDER BY 1, 2, 3
        """
    )
