"""Where randomness comes from: every stream is named by what it is for, so that nothing depends on the order of work."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def stream_key(seed: int, *names: str | int) -> int:
    """A 62-bit number for a seed and a path of names. The same on every machine and in every process."""
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 2


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A stream of random numbers of its own for a seed and a path of names."""
    import numpy as np

    text = "\x1f".join([str(seed), *map(str, names)])
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))
