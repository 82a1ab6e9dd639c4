"""Which stream gives the sample at an index: fixed shares by weight, exact in every block of samples.

A block of `MIX_BLOCK` samples has a whole number of samples of each stream (largest remainder), their places permuted by a
key. How many samples a stream gave before any index follows from the number of the block, so resuming counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .errors import LoaderError
from .permutation import Indices, Permutation
from .sample_order import ALGORITHM

#: Weights are exact to one sample in so many; a schedule may change them at multiples of it.
MIX_BLOCK = 4096


@dataclass(frozen=True)
class Segment:
    """From this sample of the run on, these shares; `shares` has a weight for every stream, in their order."""

    start: int
    shares: tuple[float, ...]


def weighted(
    streams: Sequence[tuple[str, list[int]]], weights: Mapping[str, float] | Sequence[Mapping[str, object]]
) -> tuple[list[tuple[str, list[int]]], list[Segment]]:
    """The streams that some segment gives a weight, and the segments over these."""
    names = [name for name, _ in streams]
    segments = segments_of(names, weights)
    used = [k for k in range(len(names)) if any(segment.shares[k] > 0 for segment in segments)]
    return [streams[k] for k in used], [Segment(segment.start, tuple(segment.shares[k] for k in used)) for segment in segments]


def segments_of(names: Sequence[str], weights: Mapping[str, float] | Sequence[Mapping[str, object]]) -> list[Segment]:
    """Checks `weights` as a user gives them: `{name: weight}`, or a schedule `[{"from": sample, "weights": {...}}, ...]`.

    A start is moved up to the next multiple of MIX_BLOCK. Raises `bad-argument` for unknown names, negative or zero sums,
    a schedule that does not start at 0 or goes back.
    """
    entries = [{"from": 0, "weights": weights}] if isinstance(weights, Mapping) else list(weights)
    segments: list[Segment] = []
    for entry in entries:
        start, shares = entry.get("from"), entry.get("weights")
        if not isinstance(start, int) or start < 0 or not isinstance(shares, Mapping) or set(entry) != {"from", "weights"}:
            raise LoaderError("bad-argument", f"weights: {entry!r} is not {{'from': sample, 'weights': {{name: weight}}}}")
        unknown = sorted(set(shares) - set(names))
        if unknown:
            raise LoaderError("bad-argument", f"weights: there is no {', '.join(unknown)}", f"The streams are: {', '.join(names)}.")
        values = tuple(float(shares.get(name, 0)) for name in names)
        if not all(np.isfinite(values)) or min(values) < 0 or sum(values) <= 0:
            raise LoaderError("bad-argument", "weights: they must be zero or more, with one above zero")
        segments.append(Segment(-(-start // MIX_BLOCK) * MIX_BLOCK, values))
    if not segments or segments[0].start != 0 or any(b.start <= a.start for a, b in zip(segments, segments[1:])):
        raise LoaderError("bad-argument", f"weights: a schedule starts from 0 and goes on by {MIX_BLOCK} samples or more at a time")
    return segments


def quotas(shares: Sequence[float]) -> list[int]:
    """Samples of each stream in a block, by largest remainder; among equal remainders the earlier stream."""
    total = 0.0
    for share in shares:  # sum() compensates from Python 3.12 on, and TypeScript does not
        total += share
    exact = [share / total * MIX_BLOCK for share in shares]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda k: (counts[k] - exact[k], k))
    for k in by_remainder[: MIX_BLOCK - sum(counts)]:
        counts[k] += 1
    return counts


class Mixture:
    """Streams in shares that change by a schedule."""

    def __init__(self, seed: int, segments: Sequence[Segment]) -> None:
        self._name = f"{ALGORITHM}|{seed}|mix"
        self._starts = np.array([segment.start for segment in segments], dtype=np.int64)
        self._quotas = np.array([quotas(segment.shares) for segment in segments], dtype=np.int64)
        self._bounds = np.concatenate([np.zeros((len(segments), 1), dtype=np.int64), self._quotas.cumsum(axis=1)], axis=1)
        blocks = np.diff(self._starts) // MIX_BLOCK
        given = np.zeros_like(self._quotas)
        given[1:] = (blocks[:, None] * self._quotas[:-1]).cumsum(axis=0)
        self._given = given
        """Samples of each stream before each segment."""

    def __call__(self, indices: Indices) -> tuple[Indices, Indices]:
        """For each index of the run, the number of its stream and which of this stream's samples it is (0, 1, 2, ...)."""
        block, position = indices // MIX_BLOCK, indices % MIX_BLOCK
        streams, counts = np.empty_like(indices), np.empty_like(indices)
        for number in np.unique(block).tolist():
            chosen = block == number
            segment = int(np.searchsorted(self._starts, number * MIX_BLOCK, side="right")) - 1
            rank = Permutation(MIX_BLOCK, f"{self._name}|{number}")(position[chosen])
            stream = np.searchsorted(self._bounds[segment], rank, side="right") - 1
            before = number - int(self._starts[segment]) // MIX_BLOCK
            streams[chosen] = stream
            counts[chosen] = self._given[segment][stream] + before * self._quotas[segment][stream] + rank - self._bounds[segment][stream]
        return streams, counts

    def given(self, samples: int) -> list[int]:
        """The most samples that each stream can have given before this index (whole blocks)."""
        block = -(-samples // MIX_BLOCK)
        segment = int(np.searchsorted(self._starts, max(0, block - 1) * MIX_BLOCK, side="right")) - 1
        total = self._given[segment] + (block - int(self._starts[segment]) // MIX_BLOCK) * self._quotas[segment]
        return [int(count) for count in total]
