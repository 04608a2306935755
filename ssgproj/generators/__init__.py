"""The generators by their name in YAML. To add one, write its file and its line here.

Importing this loads no heavy library: specs import what they need when they are bound.
"""

from __future__ import annotations

from collections.abc import Mapping

from ssgproj.generators.boolean import Boolean
from ssgproj.generators.choice import Choice
from ssgproj.generators.constant import Constant
from ssgproj.generators.date import Date
from ssgproj.generators.datetime import Datetime
from ssgproj.generators.derive import Derive
from ssgproj.generators.duration import Duration
from ssgproj.generators.exponential import Exponential
from ssgproj.generators.integer import Integer
from ssgproj.generators.json import Json
from ssgproj.generators.lognormal import Lognormal
from ssgproj.generators.mimesis import Mimesis
from ssgproj.generators.normal import Normal
from ssgproj.generators.null import Null
from ssgproj.generators.pattern import Pattern
from ssgproj.generators.poisson import Poisson
from ssgproj.generators.python import Python
from ssgproj.generators.references import References
from ssgproj.generators.sequence import Sequence
from ssgproj.generators.text import Text
from ssgproj.generators.time import Time
from ssgproj.generators.uniform import Uniform
from ssgproj.generators.uuid import Uuid
from ssgproj.generators.zipf import Zipf

GENERATORS: Mapping[str, type] = {
    "boolean": Boolean,
    "choice": Choice,
    "constant": Constant,
    "date": Date,
    "datetime": Datetime,
    "derive": Derive,
    "duration": Duration,
    "exponential": Exponential,
    "integer": Integer,
    "json": Json,
    "lognormal": Lognormal,
    "mimesis": Mimesis,
    "normal": Normal,
    "null": Null,
    "pattern": Pattern,
    "poisson": Poisson,
    "python": Python,
    "references": References,
    "sequence": Sequence,
    "text": Text,
    "time": Time,
    "uniform": Uniform,
    "uuid": Uuid,
    "zipf": Zipf,
}
