"""Workers and torchtitan, against the few things of torch that they touch: its wheel is too large to install for a test.

`fake_torch` has the interfaces of torch 2 and of torchtitan of November 2026: `get_worker_info`, a DataLoader that asks its
workers in turn, `BaseDataLoader` with its `Config` and `Stateful`'s two methods.
"""

from __future__ import annotations

import importlib
import pickle
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from small_dataset import random_documents, write_dataset

from quern_loader import Dataset, LoaderError


class FakeLoader:
    """What torch's DataLoader does with an iterable dataset: a copy for each worker, one batch of each in turn."""

    def __init__(self, dataset: Any, batch_size: None, num_workers: int) -> None:
        assert batch_size is None
        self.dataset, self.workers = dataset, num_workers

    def __iter__(self) -> Iterator[Any]:
        data = sys.modules["torch.utils.data"]
        if self.workers == 0:
            yield from self.dataset
            return
        copies = [iter(pickle.loads(pickle.dumps(self.dataset))) for _ in range(self.workers)]
        ahead: list[list[Any]] = [[] for _ in copies]
        ended: set[int] = set()

        def read(worker: int) -> None:
            data.info = SimpleNamespace(id=worker, num_workers=self.workers)  # type: ignore[attr-defined]
            batch = next(copies[worker], None)
            data.info = None  # type: ignore[attr-defined]
            if batch is None:
                ended.add(worker)
            else:
                ahead[worker].append(batch)

        for worker in range(self.workers):
            for _ in range(2):  # prefetch_factor
                read(worker)
        while any(ahead):
            for worker in range(self.workers):
                if ahead[worker]:
                    if worker not in ended:
                        read(worker)
                    yield ahead[worker].pop(0)


@pytest.fixture
def fake_torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    torch, utils, data = ModuleType("torch"), ModuleType("torch.utils"), ModuleType("torch.utils.data")
    torch.from_numpy = lambda array: array  # type: ignore[attr-defined]
    torch.Tensor = object  # type: ignore[attr-defined]
    torch.utils = utils  # type: ignore[attr-defined]
    data.info = None  # type: ignore[attr-defined]
    data.get_worker_info = lambda: data.info  # type: ignore[attr-defined]
    data.IterableDataset, data.DataLoader = object, FakeLoader  # type: ignore[attr-defined]

    class Configurable:
        @dataclass(kw_only=True, slots=True)
        class Config:
            def build(self, **arguments: Any) -> Any:
                return sys.modules["quern_loader.torchtitan"].QuernDataLoader(self, **arguments)

    class BaseDataLoader(ABC, Configurable):
        @dataclass(kw_only=True, slots=True)
        class Config(Configurable.Config):
            pass

        @abstractmethod
        def __iter__(self) -> Iterator[Any]: ...

        @abstractmethod
        def state_dict(self) -> dict[str, Any]: ...

        @abstractmethod
        def load_state_dict(self, state_dict: dict[str, Any]) -> None: ...

    titan = ModuleType("torchtitan.components.dataloader")
    titan.BaseDataLoader = BaseDataLoader  # type: ignore[attr-defined]
    modules = {"torch": torch, "torch.utils": utils, "torch.utils.data": data, "torchtitan": ModuleType("torchtitan")}
    modules |= {"torchtitan.components": ModuleType("torchtitan.components"), "torchtitan.components.dataloader": titan}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("quern_loader.torch_loader", "quern_loader.torchtitan"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield
    for name in ("quern_loader.torch_loader", "quern_loader.torchtitan"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dataset")
    write_dataset(made, {"de": random_documents(400, 1)})
    return made


def open_rank(folder: Path, rank: int = 0, world: int = 1) -> Dataset:
    return Dataset(folder, seq_len=16, seed=3, batch_size=3, dp_rank=rank, dp_world_size=world)


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
def test_any_number_of_workers_gives_the_same_batches(fake_torch: None, folder: Path, workers: int) -> None:
    loader = importlib.import_module("quern_loader.torch_loader").TorchLoader(open_rank(folder, 1, 2), workers)
    expected = open_rank(folder, 1, 2)
    for _ in range(2):  # the second epoch is another order, and begins although only the workers' copies were iterated
        assert [batch["input_ids"].tolist() for batch in loader] == [batch["input_ids"].tolist() for batch in expected]


def test_a_state_counts_what_was_delivered_and_fits_other_workers(fake_torch: None, folder: Path) -> None:
    module = importlib.import_module("quern_loader.torch_loader")
    expected = [batch["input_ids"].tolist() for batch in open_rank(folder)]
    seen: list[Any] = []
    state = None
    for workers, steps in ((3, 7), (2, 11), (0, 4), (4, 1000)):
        loader = module.TorchLoader(open_rank(folder), workers)
        if state is not None:
            loader.load_state_dict(state)
        for _, batch in zip(range(steps), loader):
            seen.append(batch["input_ids"].tolist())
        state = loader.state_dict()
    assert seen == expected


def test_a_worker_resumes_from_its_own_state(fake_torch: None, folder: Path) -> None:
    """As torchdata's StatefulDataLoader does: each worker's state goes back to that worker."""
    data = sys.modules["torch.utils.data"]
    expected = [batch["input_ids"].tolist() for batch in open_rank(folder)]
    for worker in range(3):
        data.info = SimpleNamespace(id=worker, num_workers=3)  # type: ignore[attr-defined]
        first, second = open_rank(folder), open_rank(folder)
        seen = [batch["input_ids"].tolist() for _, batch in zip(range(4), first)]
        second.load_state_dict(first.state_dict())
        seen += [batch["input_ids"].tolist() for batch in second]
        assert seen == expected[worker::3]
        data.info = SimpleNamespace(id=worker, num_workers=2)  # type: ignore[attr-defined]
        other = open_rank(folder)
        other.load_state_dict(first.state_dict())
        with pytest.raises(LoaderError, match="worker"):
            next(iter(other))
    data.info = None  # type: ignore[attr-defined]


def test_the_torchtitan_loader_builds_yields_and_resumes_on_more_ranks(fake_torch: None, folder: Path) -> None:
    module = importlib.import_module("quern_loader.torchtitan")
    config = module.QuernDataLoader.Config(url=str(folder), seed=3, options={"shuffle_window": 4})

    def build(rank: int, world: int) -> Any:
        return config.build(dp_world_size=world, dp_rank=rank, tokenizer=None, seq_len=16, local_batch_size=3)

    alone = Dataset(folder, seq_len=16, seed=3, batch_size=3, shuffle_window=4)
    expected = [row.tolist() for _, batch in zip(range(10), alone) for row in batch["labels"]]
    ranks = [build(rank, 2) for rank in range(2)]
    iterators = [iter(rank) for rank in ranks]
    rows = []
    for _ in range(2):
        for iterator in iterators:
            inputs, labels = next(iterator)
            assert inputs["input"].shape == inputs["positions"].shape == labels.shape == (3, 16)
            rows += labels.tolist()
    state = ranks[0].state_dict()
    assert state == ranks[1].state_dict(), "one key for all ranks"
    more = [build(rank, 3) for rank in range(3)]
    for rank in more:
        rank.load_state_dict({})
        rank.load_state_dict(state)
    rows += [row for rank in more for row in next(iter(rank))[1].tolist()]
    assert rows == expected[: len(rows)]
    with pytest.raises(LoaderError, match="dp_rank_0"):
        more[0].load_state_dict({"dp_rank_0": b"", "world_size": 2})
