"""Which sample of which stream stands at an index of a run: mixture, epochs and order put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .assembly import Sample
from .errors import LoaderError
from .mixture import Mixture, Segment
from .permutation import Indices
from .sample_order import SampleOrder
from .token_stream import TokenStream


class RunOrder:
    """The order over all streams. `block` and `window` are those of `SampleOrder`, 0 and 0 for samples as they lie; without
    segments there is one stream. `max_epochs` bounds how often a stream may come."""

    def __init__(
        self,
        streams: Sequence[TokenStream],
        seed: int,
        segments: Sequence[Segment] | None,
        block: int,
        window: int,
        max_epochs: float | None,
    ) -> None:
        self._streams, self._max_epochs = streams, max_epochs
        self._mixture = None if segments is None else Mixture(seed, segments)
        self._orders = [None if block == 0 else SampleOrder(stream.samples, seed, stream.name, block, window) for stream in streams]

    def locate(self, indices: Indices) -> tuple[Indices, Indices]:
        """The number of the stream and of its sample at each index of the run; nothing is read. Raises `too-many-epochs`."""
        streams, counts = (np.zeros_like(indices), indices) if self._mixture is None else self._mixture(indices)
        samples = np.empty_like(indices)
        for number in np.unique(streams).tolist():
            chosen = np.flatnonzero(streams == number)
            size = self._streams[number].samples
            epochs, inside = counts[chosen] // size, counts[chosen] % size
            self._check(number, int(indices[chosen].max()), int(epochs.max()))
            order = self._orders[number]
            if order is not None:
                for epoch in np.unique(epochs).tolist():
                    inside[epochs == epoch] = order(epoch, inside[epochs == epoch])
            samples[chosen] = inside
        return streams, samples

    def samples(self, indices: Indices) -> list[Sample]:
        """The same, with where the tokens of each sample lie."""
        streams, samples = self.locate(indices)
        if len(self._streams) == 1:
            return [(self._streams[0], spans) for spans in self._streams[0].spans(samples)]
        found: dict[int, Sample] = {}
        for number in np.unique(streams).tolist():
            chosen = np.flatnonzero(streams == number)
            stream = self._streams[number]
            found.update((i, (stream, spans)) for i, spans in zip(chosen.tolist(), stream.spans(samples[chosen])))
        return [found[i] for i in range(len(indices))]

    def _check(self, number: int, index: int, epoch: int) -> None:
        if self._max_epochs is not None and epoch >= self._max_epochs:
            raise LoaderError(
                "too-many-epochs",
                f"mixing: by sample {index} {self._streams[number].name} begins its epoch {epoch + 1}; max_epochs is {self._max_epochs}",
                "Give it a smaller weight, end the run earlier, or raise max_epochs.",
            )
