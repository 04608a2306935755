"""Domains of geometry: PostgreSQL's own shapes, and well-known text for every other database."""

from __future__ import annotations

import re

from ssgproj.generators.domain import Domain
from ssgproj.generators.domains.numbers import FloatDomain
from ssgproj.generators.domains.texts import TemplateDomain
from ssgproj.project.types import Kind, SqlType

_FLOAT = SqlType(Kind.FLOAT, "double precision", bits=64)
_LONGITUDE = FloatDomain(-1_799_999, 3_599_999, 10_000.0, _FLOAT)
_LATITUDE = FloatDomain(-899_999, 1_799_999, 10_000.0, _FLOAT)
_RADIUS = FloatDomain(1, 1000, 10.0, _FLOAT)
_POSTGRES_SHAPES = {
    "point": "({0},{1})",
    "line": "{{0},1,{1}}",
    "lseg": "[({0},{1}),({0},181)]",
    "box": "({0},181),(-181,{1})",
    "path": "[({0},{1}),(181,181)]",
    "polygon": "(({0},{1}),(181,{1}),(181,181))",
    "circle": "<({0},{1}),{2}>",
}
_WKT = {
    "point": "POINT({0} {1})",
    "linestring": "LINESTRING({0} {1},181 181)",
    "polygon": "POLYGON(({0} {1},181 {1},181 181,{0} {1}))",
    "multipoint": "MULTIPOINT(({0} {1}),(1 1))",
    "multilinestring": "MULTILINESTRING(({0} {1},181 181))",
    "multipolygon": "MULTIPOLYGON((({0} {1},181 {1},181 181,{0} {1})))",
    "geometrycollection": "GEOMETRYCOLLECTION(POINT({0} {1}))",
}


def geometry_domain(t: SqlType, *, postgres: bool) -> Domain:
    """Shapes of a geometry type, at longitudes and latitudes with four digits after the point."""
    name = (t.name or "geometry").lower()
    written = t.text.lower()
    if postgres and name in _POSTGRES_SHAPES:
        return _shape(_POSTGRES_SHAPES[name])
    match = re.search(r"\(\s*([a-z]+)\s*(?:,\s*(\d+)\s*)?\)", written)
    shape = match[1].removesuffix("zm").removesuffix("z") if match else name
    prefix = f"SRID={match[2]};" if match and match[2] else ""
    template = _WKT.get(shape, _WKT["point"])
    if "geography" in written or (match and match[2] == "4326"):
        template = template.replace("181", "85")
    return _shape(prefix + template)


def _shape(template: str) -> TemplateDomain:
    pieces = [p for p in re.split(r"(\{[012]\})", template) if p]
    uses = tuple(int(p[1]) if re.fullmatch(r"\{[012]\}", p) else p for p in pieces)
    return TemplateDomain(uses, (_LONGITUDE, _LATITUDE, _RADIUS)[: 3 if 2 in uses else 2])
