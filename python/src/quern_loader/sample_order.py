"""Which sample comes when: a pure function of (seed, epoch, index), for one stream of samples.

Consecutive samples form blocks; the blocks are permuted; runs of permuted blocks form windows; the samples of a window are
permuted. So every sample comes exactly once an epoch, a reader has at most one window's blocks in hand, and any index is
computed alone: no epoch-long array, no file, nothing to rebuild when a run resumes.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from .permutation import Indices, Permutation

#: Names the arithmetic: another one would be another name, and states of the old one would be refused.
ALGORITHM = "quern-order/1"


class SampleOrder:
    """The order of `samples` samples of the stream `name`.

    `block` samples stay neighbours until a window is mixed; a window is `window` blocks (up to twice as many where the
    number of blocks does not divide), 0 for one window over everything: a shuffle without any locality.
    """

    def __init__(self, samples: int, seed: int, name: str, block: int, window: int) -> None:
        self.samples = samples
        self._name = f"{ALGORITHM}|{seed}|{name}"
        self._block = block
        self._blocks = -(-samples // block)
        if self._blocks > 1 << 31:
            raise ValueError(f"{samples} samples in blocks of {block}: there can be 2^31 blocks")  # products of two stay in 64 bits
        self._missing = self._blocks * block - samples
        """Samples that the last block is short of."""
        self._windows = 1 if window == 0 else max(1, self._blocks // window)
        self._epochs: OrderedDict[int, tuple[Permutation, int]] = OrderedDict()
        self._mixers: OrderedDict[tuple[int, int], Permutation] = OrderedDict()

    def __call__(self, epoch: int, indices: Indices) -> Indices:
        """The sample at each index of an epoch; indices are in [0, samples)."""
        blocks, short = self._of_epoch(epoch)
        place = self._place(indices, short)
        window = ((place + 1) * self._windows - 1) // self._blocks
        mixed = np.empty_like(indices)
        for number in np.unique(window).tolist():
            chosen = window == number
            first = self._start(number * self._blocks // self._windows, short)
            end = self._start((number + 1) * self._blocks // self._windows, short)
            mixed[chosen] = first + self._mixer(epoch, number, end - first)(indices[chosen] - first)
        place = self._place(mixed, short)
        start = place * self._block - np.where(place > short, self._missing, 0)
        samples: Indices = blocks(place) * self._block + (mixed - start)
        return samples

    def _of_epoch(self, epoch: int) -> tuple[Permutation, int]:
        """The permutation of blocks and the place that the short last block has in it."""
        known = self._epochs.get(epoch)
        if known is None:
            blocks = Permutation(self._blocks, f"{self._name}|{epoch}|blocks")
            short = int(blocks.inverse(np.array([self._blocks - 1], dtype=np.int64))[0])
            known = self._epochs[epoch] = (blocks, short)
            if len(self._epochs) > 4:
                self._epochs.popitem(last=False)
        return known

    def _mixer(self, epoch: int, window: int, size: int) -> Permutation:
        mixer = self._mixers.get((epoch, window))
        if mixer is None:
            mixer = self._mixers[epoch, window] = Permutation(size, f"{self._name}|{epoch}|window {window}")
            if len(self._mixers) > 64:
                self._mixers.popitem(last=False)
        return mixer

    def _start(self, place: int, short: int) -> int:
        """Samples before the block at this place."""
        return place * self._block - (self._missing if place > short else 0)

    def _place(self, indices: Indices, short: int) -> Indices:
        """The place of the block that holds each index."""
        behind = indices >= short * self._block + self._block - self._missing
        places: Indices = (indices + np.where(behind, self._missing, 0)) // self._block
        return places
