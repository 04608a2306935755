"""The domain of texts of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import text_array
from ssgproj.generators.domain import Domain, product_size, split
from ssgproj.generators.domains.texts import JoinedDomain, StringDomain

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIGNS = {"@": ascii_uppercase, "#": digits}


@dataclass(frozen=True, slots=True)
class MaskDomain:
    """Texts like a mask: `@` is a capital letter, `#` a digit, any other character itself."""

    mask: str

    @property
    def size(self) -> int:
        return product_size([len(_SIGNS[sign]) for sign in self.mask if sign in _SIGNS])

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        index = np.asarray(index, dtype=np.int64)
        if not self.mask.isascii() or not self.mask:
            parts: list[str | Domain] = [StringDomain(1, 1, _SIGNS[s]) if s in _SIGNS else s for s in self.mask]
            return JoinedDomain(tuple(parts)).at(index)
        codes = np.tile(np.frombuffer(self.mask.encode(), dtype=np.uint8), (len(index), 1))
        places = [i for i, sign in enumerate(self.mask) if sign in _SIGNS]
        for place, digit in zip(places, split(index, [len(_SIGNS[self.mask[i]]) for i in places]), strict=True):
            codes[:, place] = digit + ord("A" if self.mask[place] == "@" else "0")
        return text_array(codes)
