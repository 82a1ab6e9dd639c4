"""How documents fill sequences: lists of pieces of a token stream, which itself is never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

#: Documents of so many tokens are packed together at most: bounds the memory of packing and keeps a sequence's pieces near.
PACK_WINDOW = 1 << 23


@dataclass(frozen=True)
class Plan:
    """Sequence k is the pieces `bounds[k]` to `bounds[k + 1]`; piece p is `lengths[p]` tokens of the stream from `starts[p]`."""

    bounds: Ints
    starts: Ints
    lengths: Ints

    @property
    def samples(self) -> int:
        return len(self.bounds) - 1


def concatenate(documents: Iterable[tuple[Ints, Ints]], length: int) -> Plan:
    """Documents as they come (chunks of starts and lengths), cut every `length` tokens; only the last sequence is shorter."""
    chunks = list(documents)
    starts = np.concatenate([np.empty(0, np.int64), *(chunk[0] for chunk in chunks)])
    lengths = np.concatenate([np.empty(0, np.int64), *(chunk[1] for chunk in chunks)])
    starts, lengths = starts[lengths > 0], lengths[lengths > 0]
    if not len(starts):
        return Plan(np.zeros(1, np.int64), starts, lengths)
    # Documents that follow each other in the stream are one run.
    head = np.flatnonzero(np.append(True, starts[1:] != starts[:-1] + lengths[:-1]))
    starts, lengths = starts[head], np.add.reduceat(lengths, head)
    ends = lengths.cumsum()
    cuts = np.arange(0, int(ends[-1]), length, dtype=np.int64)
    edges = np.union1d(cuts, np.append(0, ends))
    run = np.searchsorted(ends, edges[:-1], side="right")
    piece_starts = starts[run] + edges[:-1] - (ends - lengths)[run]
    return Plan(np.append(np.searchsorted(edges, cuts), len(edges) - 1).astype(np.int64), piece_starts, np.diff(edges))


def best_fit(documents: Iterable[tuple[Ints, Ints]], length: int) -> Plan:
    """Best fit decreasing (Ding et al., "Fewer Truncations Improve Language Modeling", 2024) over windows of PACK_WINDOW
    tokens: each document goes where it leaves the least room. One longer than `length` is cut every `length` tokens first.
    """
    counts: list[int] = []
    starts: list[int] = []
    lengths: list[int] = []
    for window_starts, window_lengths in _windows(documents):
        for pieces in _fill(*_fragments(window_starts, window_lengths, length), length):
            counts.append(len(pieces))
            for start, size in pieces:
                starts.append(start)
                lengths.append(size)
    bounds = np.append(0, np.array(counts, dtype=np.int64).cumsum()).astype(np.int64)
    return Plan(bounds, np.array(starts, dtype=np.int64), np.array(lengths, dtype=np.int64))


def _windows(documents: Iterable[tuple[Ints, Ints]]) -> Iterator[tuple[Ints, Ints]]:
    held: list[tuple[Ints, Ints]] = []
    tokens = 0
    for chunk in documents:
        held.append(chunk)
        tokens += int(chunk[1].sum())
        if tokens >= PACK_WINDOW:
            yield np.concatenate([c[0] for c in held]), np.concatenate([c[1] for c in held])
            held, tokens = [], 0
    if held:
        yield np.concatenate([c[0] for c in held]), np.concatenate([c[1] for c in held])


def _fragments(starts: Ints, lengths: Ints, length: int) -> tuple[Ints, Ints]:
    """Pieces of at most `length` tokens, the longest first; equal ones in the order of the stream."""
    parts = -(-lengths // length)
    of = np.repeat(np.arange(len(lengths)), parts)
    part = np.arange(len(of)) - np.repeat(parts.cumsum() - parts, parts)
    piece_starts = starts[of] + part * length
    piece_lengths = np.minimum(lengths[of] - part * length, length)
    order = np.lexsort((piece_starts, -piece_lengths))
    return piece_starts[order], piece_lengths[order]


def _fill(starts: Ints, lengths: Ints, length: int) -> list[list[tuple[int, int]]]:
    bins: list[list[tuple[int, int]]] = []
    by_room: list[list[int]] = [[] for _ in range(length + 1)]
    rooms = 0
    """Bit r is set where a bin has r tokens of room: the lowest set bit from a size on is the best fit."""
    for start, size in zip(starts.tolist(), lengths.tolist()):
        fitting = rooms >> size
        if fitting:
            room = size + (fitting & -fitting).bit_length() - 1
            number = by_room[room].pop()
            if not by_room[room]:
                rooms ^= 1 << room
            bins[number].append((start, size))
        else:
            room, number = length, len(bins)
            bins.append([(start, size)])
        left = room - size
        if left:
            by_room[left].append(number)
            rooms |= 1 << left
    return bins
