"""The documents of some shards as one long row of tokens, cut into samples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .packing import Ints, Plan, best_fit, concatenate
from .record_batches import RecordBatches
from .rehydration import Rehydration
from .snapshot import Shard

Packing = Literal["concat", "best-fit"]

#: Place of the batch that has a piece's first token (in `TokenStream.places`), which token of the batch that is, how many.
#: A piece may go on into the batches behind: a batch ends with a document.
Span = tuple[int, int, int]


class TokenStream:
    """A stream of the shards with these numbers, in their order. `ends` is the sum of tokens up to each batch, after a 0.

    Without a plan, sample k is the tokens from k times `seq_len` on; its last sample may be shorter. With one, the plan says.
    """

    def __init__(self, name: str, shards: list[Shard], numbers: Iterable[int], seq_len: int) -> None:
        self.name = name
        self.seq_len = seq_len
        places = [(number, batch) for number in numbers for batch in range(len(shards[number].batches))]
        self.places = places
        tokens = [int(shards[number].batches[batch, 4]) for number, batch in places]
        self.ends: Ints = np.append(0, np.array(tokens, dtype=np.int64).cumsum()).astype(np.int64)
        self.plan: Plan | None = None

    @property
    def samples(self) -> int:
        return -(-int(self.ends[-1]) // self.seq_len) if self.plan is None else self.plan.samples

    def spans(self, samples: Ints) -> list[list[Span]]:
        """Each sample's pieces, together at most `seq_len` tokens. All at once: a search a sample would cost more than its copy."""
        if self.plan is None:
            starts = samples * self.seq_len
            sizes = np.minimum(self.seq_len, self.ends[-1] - starts)
            counts = None
        else:
            firsts, counts = self.plan.bounds[samples], self.plan.bounds[samples + 1] - self.plan.bounds[samples]
            pieces = np.repeat(firsts - (counts.cumsum() - counts), counts) + np.arange(int(counts.sum()))
            starts, sizes = self.plan.starts[pieces], self.plan.lengths[pieces]
        places = np.searchsorted(self.ends, starts, side="right") - 1
        spans = list(zip(places.tolist(), (starts - self.ends[places]).tolist(), sizes.tolist()))
        if counts is None:
            return [[span] for span in spans]
        ends = counts.cumsum().tolist()
        return [spans[first:end] for first, end in zip([0, *ends[:-1]], ends)]

    def places_of(self, span: Span) -> range:
        """The places of all batches that a span has tokens of."""
        place, begin, size = span
        end = int(self.ends[place]) + begin + size
        return range(place, max(place + 1, int(np.searchsorted(self.ends, end, side="left"))))

    def documents(self, batches: RecordBatches, sample: int) -> list[dict[str, Any]]:
        """The documents that a sample has tokens of, in their order: `id` (hex), `language`, `source`, `hidden`, and of the
        document's tokens those from `start` to `end`."""
        found: list[dict[str, Any]] = []
        for place, begin, size in self.spans(np.array([sample], dtype=np.int64))[0]:
            while size > 0:
                shard, number = self.places[place]
                batch = batches.get(shard, number)
                end = min(begin + size, len(batch.tokens))
                first = int(np.searchsorted(batch.offsets, begin, side="right")) - 1
                last = int(np.searchsorted(batch.offsets, end, side="left"))
                for row in range(first, last):
                    low, high = int(batch.offsets[row]), int(batch.offsets[row + 1])
                    if high > low:
                        found.append(
                            {
                                "id": batch.doc_ids[row].tobytes().hex(),
                                "language": batches.language(shard),
                                "source": batch.sources[int(batch.source_ids[row])],
                                "hidden": batch.hidden is not None and bool(batch.hidden[row]),
                                "start": max(begin, low) - low,
                                "end": min(end, high) - low,
                            }
                        )
                begin, size, place = 0, size - (end - begin), place + 1
        return found

    def make_plan(
        self,
        batches: RecordBatches,
        packing: Packing,
        source: str | None,
        skip_hidden: bool,
        rehydration: Rehydration | None,
        cache: Path | None,
        name: str,
    ) -> str:
        """Lays the plan for this packing over the documents of one source (or all), without the hidden ones if these are
        skipped, each as often as `rehydration` says. Reads where documents begin in every batch: seconds for a million
        documents, and with `cache` (a folder) once. Returns the SHA-256 of the plan. `name` must name all that decides it.
        """
        file = None if cache is None else cache / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npz"
        if file is not None and file.exists():
            with np.load(file) as kept:
                self.plan = Plan(kept["bounds"], kept["starts"], kept["lengths"])
        else:
            documents = self._documents(batches, source, skip_hidden, rehydration)
            self.plan = (concatenate if packing == "concat" else best_fit)(documents, self.seq_len)
            if file is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                # Written aside and renamed: ranks of one host start together.
                part = file.with_name(f"{file.stem}-{hashlib.sha256(repr(id(self)).encode()).hexdigest()[:8]}.part.npz")
                np.savez(part, bounds=self.plan.bounds, starts=self.plan.starts, lengths=self.plan.lengths)
                part.replace(file)
        digest = hashlib.sha256()
        for array in (self.plan.bounds, self.plan.starts, self.plan.lengths):
            digest.update(np.ascontiguousarray(array, dtype="<i8").data)
        return digest.hexdigest()

    def _documents(
        self, batches: RecordBatches, source: str | None, skip_hidden: bool, rehydration: Rehydration | None
    ) -> Iterator[tuple[Ints, Ints]]:
        # All documents once, then those that come again: two copies are never neighbours in a sample.
        for copy in range(1 if rehydration is None else rehydration.most):
            for place, (shard, number) in enumerate(self.places):
                batch = batches.get(shard, number)
                kept = np.ones(len(batch.source_ids), dtype=np.bool_)
                if rehydration is not None:
                    kept &= rehydration.repeats(batch.doc_ids) > copy
                if skip_hidden and batch.hidden is not None:
                    kept &= ~batch.hidden
                if source is not None:
                    own = np.array([i for i, name in enumerate(batch.sources) if name == source], dtype=np.uint16)
                    kept &= np.isin(batch.source_ids, own)
                offsets = batch.offsets.astype(np.int64)
                yield self.ends[place] + offsets[:-1][kept], np.diff(offsets)[kept]
