"""Record batches of token shards as numpy views, loaded once and kept while there is room."""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .errors import LoaderError
from .hiding import Hiding, Rows
from .snapshot import Shard
from .storage import Storage

#: Batches whose views are kept when files are mapped: what they point to is the page cache's, not ours.
MAPPED_BATCHES = 1 << 14


@dataclass(frozen=True)
class RecordBatch:
    """`tokens` are all ids of the batch, `offsets` (rows + 1, int32) where each document begins and the last ends, `doc_ids`
    of shape (rows, 16). `hidden` is True for rows that must not be given out, None where there are none."""

    tokens: npt.NDArray[Any]
    offsets: npt.NDArray[np.int32]
    doc_ids: npt.NDArray[np.uint8]
    source_ids: npt.NDArray[np.uint16]
    sources: list[str]
    hidden: Rows | None


class RecordBatches:
    """Batches of a list of shards by (number of the shard, number of the batch in it).

    On disk they are views of the mapped file. From a bucket each is one ranged read; `cache_bytes` bounds what is kept, the
    least recently used going first, and `prefetch` reads ahead in `threads` threads, a batch never twice at a time.
    """

    def __init__(self, storage: Storage, shards: list[Shard], dtype: np.dtype[Any], hiding: Hiding, cache_bytes: int, threads: int) -> None:
        self._storage, self._shards, self._dtype, self._hiding = storage, shards, dtype, hiding
        self._cache_bytes, self._threads = cache_bytes, threads
        self._reset()

    def _reset(self) -> None:
        self._heads: dict[int, tuple[pa.Schema, list[str]]] = {}
        self._head_locks: dict[int, threading.Lock] = {}
        self._loaded: OrderedDict[tuple[int, int], tuple[RecordBatch, int]] = OrderedDict()
        self._bytes = 0
        self._coming: dict[tuple[int, int], Future[RecordBatch]] = {}
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._process = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("_storage", "_shards", "_dtype", "_hiding", "_cache_bytes", "_threads")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()

    def get(self, shard: int, batch: int) -> RecordBatch:
        """One batch. Raises `not-here`, `not-found`, `damaged-dataset`, `store-failed`."""
        key = (shard, batch)
        known = self._loaded.get(key)
        if known is not None:
            if not self._storage.mapped:
                with self._lock:
                    if key in self._loaded:
                        self._loaded.move_to_end(key)
            return known[0]
        if self._storage.mapped:
            loaded = self._load(shard, batch)
            self._loaded[key] = (loaded, 0)
            if len(self._loaded) > MAPPED_BATCHES:
                self._loaded.popitem(last=False)
            return loaded
        return self._request(key).result()

    def language(self, shard: int) -> str:
        return self._shards[shard].language

    def prefetch(self, wanted: Iterable[tuple[int, int]]) -> None:
        """Begins to read batches that will be asked for; as many as the cache has room for. Does nothing for mapped files."""
        if self._storage.mapped or self._threads == 0:
            return
        room = self._cache_bytes
        for shard, batch in wanted:
            room -= int(self._shards[shard].batches[batch, 1] + self._shards[shard].batches[batch, 2])
            if room < 0:
                return
            if (shard, batch) not in self._loaded:
                self._request((shard, batch))

    def _request(self, key: tuple[int, int]) -> Future[RecordBatch]:
        if self._process != os.getpid():
            self._reset()  # a fork has this object and none of its threads
        with self._lock:
            known = self._loaded.get(key)
            if known is not None:
                done: Future[RecordBatch] = Future()
                done.set_result(known[0])
                return done
            coming = self._coming.get(key)
            if coming is None:
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(max(1, self._threads), "quern-loader")
                coming = self._coming[key] = self._pool.submit(self._fetch, key)
            return coming

    def _fetch(self, key: tuple[int, int]) -> RecordBatch:
        try:
            loaded = self._load(*key)
        except BaseException:
            with self._lock:
                del self._coming[key]  # the next one who asks tries again
            raise
        size = int(self._shards[key[0]].batches[key[1], 1:3].sum())
        with self._lock:
            del self._coming[key]
            self._loaded[key] = (loaded, size)
            self._bytes += size
            while self._bytes > self._cache_bytes and len(self._loaded) > 1:
                self._bytes -= self._loaded.popitem(last=False)[1][1]
        return loaded

    def _load(self, number: int, batch: int) -> RecordBatch:
        shard = self._shards[number]
        schema, sources = self._head(number)
        offset, meta, body, rows, tokens = shard.batches[batch].tolist()
        buffer = self._storage.buffer(shard.path, offset, meta + body)
        try:
            table = pa.ipc.read_record_batch(pa.ipc.read_message(buffer), schema)
            # Buffers rather than to_numpy(), which imports pandas: most of a second.
            _, offset_buffer, _, id_buffer = table.column("input_ids").buffers()
            offsets = np.frombuffer(offset_buffer, dtype="<i4", count=rows + 1)
            ids = np.frombuffer(id_buffer, dtype=self._dtype, count=tokens)
            if table.num_rows != rows or int(offsets[-1]) != tokens or int(offsets[0]) != 0 or (np.diff(offsets) < 0).any():
                raise ValueError("it has other rows or tokens than the snapshot says")
            doc_ids = np.frombuffer(table.column("doc_id").buffers()[1], dtype=np.uint8, count=16 * rows).reshape(rows, 16)
            source_ids = np.frombuffer(table.column("source_id").buffers()[1], dtype="<u2", count=rows)
        except (pa.ArrowException, ValueError, KeyError, TypeError, EOFError, OSError) as error:
            raise LoaderError(
                "damaged-dataset", f"reading {shard.path}, batch {batch}: {error}", "Run quern verify on the dataset."
            ) from error
        hidden = None
        if not self._hiding.nothing:
            hidden = self._hiding.rows(shard, int(shard.batches[:batch, 3].sum()), doc_ids, source_ids, sources)
        return RecordBatch(ids, offsets, doc_ids, source_ids, sources, hidden)

    def _head(self, number: int) -> tuple[pa.Schema, list[str]]:
        """Schema and names of sources of a shard: what stands before its first batch, read once."""
        known = self._heads.get(number)
        if known is None:
            with self._head_locks.setdefault(number, threading.Lock()):
                known = self._heads.get(number)
                if known is None:
                    known = self._heads[number] = self._read_head(self._shards[number])
        return known

    def _read_head(self, shard: Shard) -> tuple[pa.Schema, list[str]]:
        head = self._storage.buffer(shard.path, 0, int(shard.batches[0, 0]))
        try:
            schema = pa.ipc.read_schema(pa.py_buffer(head).slice(8))
            return schema, json.loads(schema.metadata[b"sources"])
        except (pa.ArrowException, ValueError, KeyError, TypeError, EOFError, OSError) as error:
            raise LoaderError("damaged-dataset", f"reading {shard.path}: {error}", "Run quern verify on the dataset.") from error
