"""Domains of identifiers: UUIDs, network and hardware addresses, bit strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import binary_array, join_texts, text_array
from ssgproj.generators.domain import MAX_SIZE, Domain, mix, product_size
from ssgproj.generators.domains.texts import JoinedDomain, StringDomain

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PAIRS = np.frombuffer("".join(f"{n:02x}" for n in range(256)).encode(), dtype=np.uint16)
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
        octets = np.concatenate([half.astype(">u8").view(np.uint8).reshape(-1, 8) for half in (high, low)], axis=1)
        if self.form == "bytes":
            return binary_array(octets)
        if self.form == "plain":
            return text_array(hexadecimal(octets))
        return text_array(dashed(octets, (4, 6, 8, 10), ord("-")))


def hexadecimal(octets: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two ASCII codes for each byte."""
    return _PAIRS[octets].view(np.uint8).reshape(len(octets), 2 * octets.shape[1])


def dashed(octets: NDArray[np.uint8], places: Sequence[int], sign: int) -> NDArray[np.uint8]:
    """The ASCII codes of rows of bytes, with a sign before some of them."""
    plain = hexadecimal(octets)
    ends = [*places, octets.shape[1]]
    codes = np.full((len(octets), plain.shape[1] + len(places)), sign, dtype=np.uint8)
    start = 0
    for number, end in enumerate(ends):
        codes[:, start * 2 + number : end * 2 + number] = plain[:, start * 2 : end * 2]
        start = end
    return codes


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


@dataclass(frozen=True, slots=True)
class MacDomain:
    """Locally administered hardware addresses, of six bytes or eight: `02:...`."""

    length: int = 6

    @property
    def size(self) -> int:
        return product_size([256] * (self.length - 1))

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        octets = np.asarray(index).astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - self.length :].copy()
        octets[:, 0] = 2
        return text_array(dashed(octets, range(1, self.length), ord(":")))


def bit_strings(length: int, fixed: bool) -> StringDomain:
    """Texts of zeros and ones."""
    return StringDomain(length if fixed else 1, length, "01")
