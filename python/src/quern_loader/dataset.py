"""A published dataset as batches of packed sequences, in an order that anybody can compute and resume."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .assembly import Arrays, Assembler, Field, Sample
from .errors import LoaderError
from .fetching import open_storage
from .hiding import Hiding
from .mixture import weighted
from .permutation import Indices
from .record_batches import RecordBatches
from .rehydration import Rehydration
from .run_order import RunOrder
from .sample_order import ALGORITHM
from .snapshot import read_snapshot
from .state import VERSION, check_state
from .storage import Storage
from .token_stream import Packing, TokenStream

#: Samples of one rank whose order is computed at a time.
AHEAD = 1024
#: Tokens of a shuffle block by default: some MiB of neighbours, so that a bucket is read in large pieces.
BLOCK_TOKENS = 1 << 22


class Dataset:
    """Samples of `seq_len` tokens from a folder, a pulled folder or a bucket (`url`), as `snapshot` (version, tag, newest) has them.

    Iterating yields this rank's batches: dicts of numpy arrays of shape (batch_size, seq_len), or (seq_len,) with
    `batch_size=None`; `fields` says which (`Assembler.rows` has shapes), and `cursor` is always there: the samples that all
    ranks together were given up to and with this batch. An iterator begins where the last one stopped and ends with the epoch;
    with `repeat` it goes on into the next one without a seam. `dataset[i]` is sample i of the run, whatever was iterated.

    Order. Sample i is a function of (snapshot, seed, seq_len, packing, shuffle_block, shuffle_window, weights, rehydrate, i) alone.
    At every step rank r of w takes the samples cursor + r * batch_size and following. `dp_rank` and `dp_world_size` are those
    of data parallelism: peers of tensor and pipeline parallelism give the same and get the same. All ranks make equally many
    steps: at the end of an epoch `tail='pad'` fills up with rows of padding (their loss mask is False), `tail='drop'` leaves
    out the samples that do not fill a step.

    Streams. Without `weights`, all documents are one stream, every sample once an epoch. With `weights` (`{name: weight}` or a
    schedule `[{'from': sample, 'weights': {...}}]`) each language or source (`mix`) is a stream with an order and epochs of its
    own; an epoch of the whole is then as many samples as all streams have. `max_epochs` stops a run that would repeat one more often.

    Rehydration. `rehydrate` says how often a document comes in an epoch by how many it stands for, itself and the duplicates
    that were dropped for it: `{2: 2, 10: 3}` gives those of 2 to 9 twice, larger ones three times (`Rehydration`).

    Hidden documents are those suppressed in the dataset and those of `exclude` (`{'source': [..], 'host': [..], 'licence':
    [..]}`). `hidden='mask'` leaves their room in the order, filled with `fill` and outside the loss, so that a run can hide
    documents at any checkpoint and all other samples stay what and where they were; `hidden='skip'` packs without them.

    A shard that a pulled folder lacks is an error that names it, or is brought from the dataset `fetch_from` and kept.
    Raises `LoaderError`; its codes are in `errors.py`.
    """

    def __init__(
        self,
        url: str | Path,
        snapshot: int | str | None = None,
        *,
        seq_len: int,
        seed: int = 0,
        dp_rank: int = 0,
        dp_world_size: int = 1,
        batch_size: int | None = None,
        languages: Sequence[str] | None = None,
        mix: Literal["language", "source"] = "language",
        weights: Mapping[str, float] | Sequence[Mapping[str, object]] | None = None,
        max_epochs: float | None = None,
        rehydrate: Mapping[int, int] | None = None,
        packing: Packing = "concat",
        shuffle: bool = True,
        shuffle_block: int | None = None,
        shuffle_window: int = 32,
        exclude: Mapping[str, Iterable[str]] | None = None,
        hidden: Literal["mask", "skip"] = "mask",
        fields: Iterable[Field] = ("input_ids", "labels", "loss_mask", "position_ids", "cu_seqlens"),
        dtype: str | None = "int64",
        fill: int | None = None,
        tail: Literal["pad", "drop"] = "pad",
        repeat: bool = False,
        plan_cache: str | Path | None = None,
        cache_bytes: int = 1 << 30,
        prefetch_threads: int = 4,
        fetch_from: str | Path | None = None,
        storage: Storage | None = None,
    ) -> None:
        _check(
            seq_len=(seq_len, 1),
            seed=(seed, 0),
            dp_world_size=(dp_world_size, 1),
            shuffle_window=(shuffle_window, 0),
            cache_bytes=(cache_bytes, 1),
        )
        _check(batch_size=(1 if batch_size is None else batch_size, 1), shuffle_block=(1 if shuffle_block is None else shuffle_block, 1))
        for name, value, known in (
            ("mix", mix, ("language", "source")),
            ("packing", packing, ("concat", "best-fit")),
            ("hidden", hidden, ("mask", "skip")),
            ("tail", tail, ("pad", "drop")),
        ):
            if value not in known:
                raise LoaderError("bad-argument", f"{name}: {value!r} is not one of {', '.join(known)}")
        if seed >= 1 << 53:
            raise LoaderError("bad-argument", f"seed: {seed} is not below 2^53, which TypeScript counts to")
        if not 0 <= dp_rank < dp_world_size:
            raise LoaderError("bad-argument", f"dp_rank: {dp_rank} is not below the {dp_world_size} data-parallel ranks")
        self._storage = storage if storage is not None else open_storage(url, fetch_from)
        self.snapshot = read_snapshot(self._storage, snapshot)
        self.seq_len, self.seed, self.dp_rank, self.dp_world_size = seq_len, seed, dp_rank, dp_world_size
        self.batch_size, self.tail, self.repeat = batch_size, tail, repeat
        chosen = self._languages(languages)
        shards = [shard for language in chosen for shard in self.snapshot.shards[language] if shard.tokens > 0]
        hiding = Hiding(self._storage, self.snapshot, exclude)
        self.batches = RecordBatches(self._storage, shards, self.snapshot.dtype, hiding, cache_bytes, prefetch_threads)
        block = shuffle_block if shuffle_block is not None else max(1, -(-BLOCK_TOKENS // seq_len))
        by_source = weights is not None and mix == "source"
        named = _streams(chosen, shards, sorted(self.snapshot.licences), mix if weights is not None else None)
        segments = None
        if weights is not None:
            named, segments = weighted(named, weights)
        self.streams = [TokenStream(name, shards, numbers, seq_len) for name, numbers in named]
        plans: dict[str, str] = {}
        rehydration = None if rehydrate is None else Rehydration(self._storage, self.snapshot.groups, rehydrate)
        if packing != "concat" or hidden == "skip" or by_source or rehydration is not None:
            for stream in self.streams:
                left_out = hiding.fingerprint() if hidden == "skip" else ""
                steps = None if rehydrate is None else sorted(rehydrate.items())
                recipe = json.dumps([self.snapshot.sha256, chosen, stream.name, mix, seq_len, packing, hidden, left_out, steps])
                cache = None if plan_cache is None else Path(plan_cache)
                plans[stream.name] = stream.make_plan(
                    self.batches, packing, stream.name if by_source else None, hidden == "skip", rehydration, cache, recipe
                )
        if empty := [stream.name for stream in self.streams if stream.samples == 0]:
            raise LoaderError("not-found", f"opening {self._storage.url}: there is no document to read in {', '.join(empty)}")
        window = shuffle_window if shuffle else 0
        self._order = RunOrder(self.streams, seed, segments, block if shuffle else 0, window, max_epochs)
        if fill is None:
            fill = self.snapshot.end_of_document if self.snapshot.end_of_document is not None else 0
        self._assembler = Assembler(self.batches, seq_len, fields, dtype, self.snapshot.dtype, fill)
        #: Samples of an epoch, over all ranks.
        self.samples = sum(stream.samples for stream in self.streams)
        #: Tokens in the chosen shards, hidden ones included.
        self.tokens = sum(shard.tokens for shard in shards)
        plan = [chosen, None if segments is None else [mix, [[s.start, s.shares] for s in segments]], plans]
        self._identity = {
            "algorithm": ALGORITHM,
            "dataset": self.snapshot.dataset,
            "snapshot": self.snapshot.version,
            "snapshot_sha256": self.snapshot.sha256,
            "seed": seed,
            "seq_len": seq_len,
            "packing": packing,
            "shuffle_block": block if shuffle else 0,
            "shuffle_window": window,
            "plan_sha256": hashlib.sha256(json.dumps(plan).encode()).hexdigest(),
        }
        self._cursor = 0
        self._worker_of_state: tuple[int, int] | None = None

    def _languages(self, languages: Sequence[str] | None) -> list[str]:
        known = list(self.snapshot.shards)
        if languages is None:
            return known
        if missing := sorted(set(languages) - set(known)):
            raise LoaderError("bad-argument", f"languages: there is no {', '.join(missing)}", f"The snapshot has: {', '.join(known)}.")
        return sorted(set(languages))

    def __len__(self) -> int:
        """Samples of an epoch, over all ranks: what `dataset[i]` takes without beginning another epoch."""
        return self.samples

    @property
    def step_samples(self) -> int:
        """Samples that all ranks together take at a step."""
        return self.dp_world_size * (self.batch_size or 1)

    @property
    def steps(self) -> int:
        """Batches of this rank, and of every other, in an epoch that begins at its beginning."""
        return self.samples // self.step_samples if self.tail == "drop" else -(-self.samples // self.step_samples)

    def __getitem__(self, index: int) -> Arrays:
        """Sample `index` of the run: epoch index // len(self). One sample, arrays of shape (seq_len,)."""
        if index < 0:
            raise IndexError(f"sample {index}: samples are counted from 0")
        return self._single(self._order.samples(np.array([index], dtype=np.int64))[0], index + 1)

    def locate(self, indices: Indices) -> tuple[Indices, Indices]:
        """The number of the stream and of its sample at each index of the run: the order itself, nothing read."""
        return self._order.locate(indices)

    def __iter__(self) -> Iterator[Arrays]:
        worker, workers = _worker()
        base, step_samples, rows = self._cursor, self.step_samples, self.batch_size or 1
        first = worker
        if self._worker_of_state is not None:
            if self._worker_of_state != (worker, workers):
                raise LoaderError(
                    "state-mismatch", f"resuming: the state is worker {self._worker_of_state}'s, and this is {(worker, workers)}"
                )
            first = workers - 1
        end = None if self.repeat else (base // self.samples + 1) * self.samples
        steps = None if end is None else (end - base) // step_samples if self.tail == "drop" else -(-(end - base) // step_samples)
        if steps == 0:
            self._cursor = end or 0
        ahead = 1  # doubles: the first batch after a resume should not wait for the order of a thousand samples
        while steps is None or first < steps:
            chunk = range(first, first + ahead * workers if steps is None else min(first + ahead * workers, steps), workers)
            starts = base + np.array(chunk, dtype=np.int64) * step_samples + self.dp_rank * rows
            indices = (starts[:, None] + np.arange(rows)).reshape(-1)
            real = len(indices) if end is None else int(np.searchsorted(indices, end))
            samples: list[Sample | None] = [*self._order.samples(indices[:real]), *[None] * (len(indices) - real)]
            self._prefetch(samples)
            for i, step in enumerate(chunk):
                cursor = base + (step + 1) * step_samples
                if end is not None and (cursor > end or (step + 1 == steps)):
                    cursor = end
                made = (
                    self._single(samples[i], cursor) if self.batch_size is None else self._batch(samples[i * rows : (i + 1) * rows], cursor)
                )
                self._cursor = cursor
                self._worker_of_state = (worker, workers) if workers > 1 else None
                yield made
            first = chunk[-1] + workers
            ahead = min(2 * ahead, max(1, AHEAD // rows))
        self._worker_of_state = None
        if end is not None:
            self._cursor = end

    def _prefetch(self, samples: Iterable[Sample | None]) -> None:
        if self._storage.mapped:
            return
        wanted: dict[tuple[int, int], None] = {}
        for stream, spans in filter(None, samples):
            for span in spans:
                wanted.update((stream.places[place], None) for place in stream.places_of(span))
        self.batches.prefetch(wanted)

    def _batch(self, samples: Sequence[Sample | None], cursor: int) -> Arrays:
        made = self._assembler.rows(samples)
        made["cursor"] = cursor
        return made

    def _single(self, sample: Sample | None, cursor: int) -> Arrays:
        if sample is not None and self._assembler.fields == ("input_ids",) and self._assembler.dtype == self.snapshot.dtype:
            view = self._assembler.view(sample)
            if view is not None:
                return {"input_ids": view, "cursor": cursor}
        made = self._batch([sample], cursor)
        return {name: value[0] if isinstance(value, np.ndarray) and value.ndim == 2 else value for name, value in made.items()}

    def state_dict(self, batch: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Where the run stands: after the last batch that was yielded, or after `batch`. Of plain JSON values, the same on
        every rank, loaded by any number of ranks and workers."""
        state: dict[str, Any] = {"v": VERSION, **self._identity, "cursor": self._cursor if batch is None else int(batch["cursor"])}
        if batch is None and self._worker_of_state is not None:
            state["worker"] = list(self._worker_of_state)
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on after the last batch of that state; the next iterator begins there. Raises `state-mismatch`."""
        self._cursor = check_state(state, self._identity)
        worker = state.get("worker")
        self._worker_of_state = None if worker is None else (int(worker[0]), int(worker[1]))

    def documents(self, index: int) -> list[dict[str, Any]]:
        """The documents of sample `index`: id, language, source, whether hidden, and which tokens of the document it has."""
        streams, samples = self.locate(np.array([index], dtype=np.int64))
        return self.streams[int(streams[0])].documents(self.batches, int(samples[0]))


def _streams(languages: Sequence[str], shards: Sequence[Any], sources: Sequence[str], mix: str | None) -> list[tuple[str, list[int]]]:
    everything = list(range(len(shards)))
    if mix is None:
        return [("all", everything)]
    if mix == "source":
        return [(source, everything) for source in sources]
    return [(language, [i for i in everything if shards[i].language == language]) for language in languages]


def _worker() -> tuple[int, int]:
    """Number of this torch DataLoader worker and how many there are; (0, 1) without torch or in the main process."""
    data = sys.modules.get("torch.utils.data")
    info = None if data is None else data.get_worker_info()
    return (0, 1) if info is None else (int(info.id), int(info.num_workers))


def _check(**arguments: tuple[int, int]) -> None:
    for name, (value, least) in arguments.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise LoaderError("bad-argument", f"{name}: {value!r} is not a whole number from {least} on")
