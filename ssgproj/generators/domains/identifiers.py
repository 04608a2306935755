"""Domains of identifiers: UUIDs, network and hardware addresses, bit strings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import binary_array, join_texts, text_array
from ssgproj.generators.domain import MAX_SIZE, Domain, mix
from ssgproj.generators.domains.texts import JoinedDomain, StringDomain

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_DASHES = (8, 13, 18, 23)
_LOW62 = np.uint64(2**62 - 1)


@dataclass(frozen=True, slots=True)
class UuidDomain:
    """UUIDs of version 4, lower case. The index decides the last 62 bits; the first 60 are scrambled from it.

    `form` is `text` (36 characters), `plain` (without dashes) or `bytes` (16 of them).
    """

    form: str = "text"

    @property
    def size(self) -> int:
        return MAX_SIZE

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        numbers = np.asarray(index).astype(np.uint64)
        high = (mix(numbers, 1) & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
        # Odd multiplication and a shift are bijections on 62 bits.
        low = (numbers * np.uint64(0x9E3779B97F4A7C15)) & _LOW62
        low = ((low ^ (low >> np.uint64(31))) & _LOW62) | np.uint64(0x8000000000000000)
        octets = np.concatenate([half.byteswap().view(np.uint8).reshape(-1, 8) for half in (high, low)], axis=1)
        if self.form == "bytes":
            return binary_array(octets)
        nibbles = np.empty((len(octets), 32), dtype=np.uint8)
        nibbles[:, 0::2] = _HEX[octets >> 4]
        nibbles[:, 1::2] = _HEX[octets & 15]
        if self.form == "plain":
            return text_array(nibbles)
        codes = np.full((len(octets), 36), ord("-"), dtype=np.uint8)
        codes[:, [i for i in range(36) if i not in _DASHES]] = nibbles
        return text_array(codes)


@dataclass(frozen=True, slots=True)
class Ipv4Domain:
    """IPv4 addresses from `start` on (a number of 32 bits), in steps."""

    start: int
    size: int
    step: int = 1
    suffix: str = ""

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        numbers = np.asarray(index, dtype=np.int64) * self.step + self.start
        octets = [pa.array((numbers >> shift) & 255).cast(pa.string()) for shift in (24, 16, 8, 0)]
        pieces: list[pa.Array | str] = []
        for octet in octets:
            pieces += [octet, "."]
        return join_texts([*pieces[:-1], self.suffix])


def private_addresses(suffix: str = "") -> Ipv4Domain:
    """The 16 million addresses of 10.0.0.0/8."""
    return Ipv4Domain(10 << 24, 1 << 24, suffix=suffix)


def public_addresses(suffix: str = "") -> Ipv4Domain:
    """All unicast addresses, 1.0.0.0 to 223.255.255.255."""
    return Ipv4Domain(1 << 24, 223 << 24, suffix=suffix)


def networks() -> Ipv4Domain:
    """Networks of 256 addresses within 10.0.0.0/8."""
    return Ipv4Domain(10 << 24, 1 << 16, step=256, suffix="/24")


def ipv6_addresses(suffix: str = "") -> Domain:
    """2**62 addresses of the documentation network 2001:db8::/32, as databases print them."""
    group = StringDomain(3, 3, "0123456789abcdef")
    # A leading digit that is not 0 keeps the text in its canonical form.
    parts: list[str | Domain] = ["2001:db8:0"]
    for _ in range(5):
        parts += [":", StringDomain(1, 1, "123456789abcdef"), group]
    return JoinedDomain((*parts, suffix))


def mac_addresses(groups: int = 6) -> Domain:
    """Locally administered hardware addresses, of six groups or eight."""
    pair = StringDomain(2, 2, "0123456789abcdef")
    parts: list[str | Domain] = ["02"]
    for _ in range(groups - 1):
        parts += [":", pair]
    return JoinedDomain(tuple(parts))


def bit_strings(length: int, fixed: bool) -> StringDomain:
    """Texts of zeros and ones."""
    return StringDomain(length if fixed else 1, length, "01")
