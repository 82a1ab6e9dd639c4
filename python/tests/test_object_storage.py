"""From a bucket: the same samples, a ranged read a batch, a bounded cache."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quern_loader import Dataset, LoaderError
from quern_loader.storage import ObjectStorage

QUERY = {"seq_len": 64, "seed": 2, "batch_size": 4, "shuffle_block": 8, "shuffle_window": 4}


class Counting:
    """Passes everything on and notes what was read."""

    mapped = False

    def __init__(self, inner: ObjectStorage) -> None:
        self.inner, self.url, self.reads = inner, inner.url, Counter[tuple[str, int]]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def buffer(self, key: str, offset: int, length: int) -> pa.Buffer:
        self.reads[key, offset] += 1
        return self.inner.buffer(key, offset, length)


def test_a_bucket_gives_the_samples_of_the_folder_and_reads_each_batch_once(bucket: tuple[str, Path]) -> None:
    url, folder = bucket
    storage = Counting(ObjectStorage(url))
    remote = Dataset(url, storage=storage, **QUERY)  # type: ignore[arg-type]
    local = Dataset(folder, **QUERY)  # type: ignore[arg-type]
    assert [batch["input_ids"].tolist() for batch in remote] == [batch["input_ids"].tolist() for batch in local]
    assert set(storage.reads.values()) == {1}
    assert len([1 for _, offset in storage.reads if offset > 0]) == 40, "20 documents a batch, 800 documents"
    excluded = Dataset(url, exclude={"host": ["site-2.example.org"]}, **QUERY)  # type: ignore[arg-type]
    assert any(piece["hidden"] for piece in excluded.documents(0) + excluded.documents(1) + excluded.documents(2))


def test_a_small_cache_reads_again_and_gives_the_same(bucket: tuple[str, Path]) -> None:
    url, folder = bucket
    storage = Counting(ObjectStorage(url))
    remote = Dataset(url, storage=storage, cache_bytes=6000, prefetch_threads=2, **QUERY)  # type: ignore[arg-type]
    local = Dataset(folder, **QUERY)  # type: ignore[arg-type]
    assert [batch["input_ids"].tolist() for batch in remote] == [batch["input_ids"].tolist() for batch in local]
    assert max(storage.reads.values()) > 1
    held = sum(size for _, size in remote.batches._loaded.values())
    assert held <= 6000


def test_a_missing_object_is_named_and_asked_for_again(bucket: tuple[str, Path]) -> None:
    url, _ = bucket
    storage = ObjectStorage(url)
    dataset = Dataset(url, storage=storage, **QUERY)  # type: ignore[arg-type]
    broken = Counting(storage)
    fails = [True]

    def buffer(key: str, offset: int, length: int) -> pa.Buffer:
        if fails[0]:
            raise LoaderError("not-found", f"reading {key}")
        return storage.buffer(key, offset, length)

    broken.buffer = buffer  # type: ignore[method-assign]
    dataset.batches._storage = broken
    with pytest.raises(LoaderError, match="reading data/"):
        dataset[0]
    fails[0] = False
    assert dataset[0]["input_ids"].shape == (64,)


@pytest.mark.parametrize(
    "url", ["s3://tokens/nothing", "s3://no-such-bucket/x", "gs://bucket/x", "file://host/x", "s3://tokens/x?secret=1"]
)
def test_wrong_places_are_errors_without_credentials(bucket: tuple[str, Path], url: str) -> None:
    with pytest.raises(LoaderError) as caught, contextlib.suppress(NotImplementedError):
        Dataset(url, seq_len=8)
    assert caught.value.code in ("not-a-dataset", "bad-argument", "store-failed", "not-found")
    assert "hidden-secret" not in str(caught.value)
