"""Keyed permutations of [0, n) that need no table: any position is computed alone, in constant time and memory.

A Feistel network over the bits of n - 1, walked until the value falls below n (cycle walking: Black and Rogaway, "Ciphers
with Arbitrary Finite Domains", 2002; the domain is below 2n, so two walks are the mean at worst). Not a cipher: it spreads
samples, it hides nothing. `src/dataset/sample-order.ts` computes the same, held together by `test/dataset/sample-order.json`.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

#: Rounds, alternating between the halves; four for each.
ROUNDS = 8


def round_keys(name: str) -> tuple[int, ...]:
    """The 32-bit keys of a permutation: SHA-256 of its name, read as little-endian words."""
    digest = hashlib.sha256(name.encode()).digest()
    return tuple(int.from_bytes(digest[4 * i : 4 * i + 4], "little") for i in range(ROUNDS))


class Permutation:
    """One permutation of [0, n), named by a string: the same name and n give the same one, everywhere."""

    __slots__ = ("_keys", "_left", "_right", "n")

    def __init__(self, n: int, name: str) -> None:
        if not 0 < n <= 1 << 53:
            raise ValueError(f"a permutation of {n} things: 1 to 2^53 can be permuted")
        self.n = n
        bits = max(2, (n - 1).bit_length())
        self._right = bits // 2
        self._left = bits - self._right
        self._keys = [np.uint32(key) for key in round_keys(name)]

    def __call__(self, positions: Indices) -> Indices:
        """What stands at each position; positions are in [0, n), any shape."""
        return self._walk(positions, range(ROUNDS))

    def inverse(self, values: Indices) -> Indices:
        """The position of each value."""
        return self._walk(values, range(ROUNDS - 1, -1, -1))

    def _walk(self, values: Indices, rounds: range) -> Indices:
        if self.n == 1:
            return np.zeros_like(values)
        result = self._once(values, rounds)
        outside = np.flatnonzero(result >= self.n)
        while outside.size:
            again = self._once(result[outside], rounds)
            result[outside] = again
            outside = outside[again >= self.n]
        return result

    def _once(self, values: Indices, rounds: range) -> Indices:
        right_bits = self._right
        left = (values >> right_bits).astype(np.uint32)
        right = (values & ((1 << right_bits) - 1)).astype(np.uint32)
        left_mask, right_mask = np.uint32((1 << self._left) - 1), np.uint32((1 << right_bits) - 1)
        for i in rounds:
            if i % 2 == 0:
                left ^= _mix(right ^ self._keys[i]) & left_mask
            else:
                right ^= _mix(left ^ self._keys[i]) & right_mask
        mixed: Indices = (left.astype(np.int64) << right_bits) | right
        return mixed


def _mix(h: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The finalizer of MurmurHash3 (32 bits): every bit of the input moves every bit of the result. Alters `h`."""
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h
