"""Behind torch's own loaders: its DataLoader with workers, torchdata's, and torchtitan's interface, all of them the real ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_dataset import random_documents, write_dataset

from quern_loader import Dataset, LoaderError

torch = pytest.importorskip("torch", reason="there is no torch on PYTHONPATH; npm test puts one into .cache")

from torch.distributed import checkpoint  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402
from torchdata.stateful_dataloader import StatefulDataLoader  # noqa: E402
from torchtitan.components.dataloader import BaseDataLoader  # noqa: E402

from quern_loader.torch_loader import TorchDataset, TorchLoader  # noqa: E402
from quern_loader.torchtitan import QuernDataLoader  # noqa: E402

# More workers than cores is what some of these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dataset")
    write_dataset(made, {"de": random_documents(400, 1)})
    return made


def open_rank(folder: Path, rank: int = 0, world: int = 1, **more: Any) -> Dataset:
    return Dataset(folder, **{"seq_len": 16, "seed": 3, "batch_size": 3, "dp_rank": rank, "dp_world_size": world, **more})


def ids(batches: Any) -> list[Any]:
    return [batch["input_ids"].tolist() for batch in batches]


def test_tensors_have_the_types_and_shapes_that_are_promised(folder: Path) -> None:
    fields = ("input_ids", "labels", "loss_mask", "position_ids", "document_ids", "cu_seqlens")
    arrays = next(iter(open_rank(folder, fields=fields)))
    batch = next(iter(TorchLoader(open_rank(folder, fields=fields))))
    types = {"input_ids": torch.int64, "labels": torch.int64, "loss_mask": torch.bool, "position_ids": torch.int32}
    for name, dtype in {**types, "document_ids": torch.int32}.items():
        assert (batch[name].dtype, batch[name].shape) == (dtype, (3, 16)), name
    assert batch["cu_seqlens"].dtype == torch.int32 and batch["cu_seqlens"][-1] == 48
    assert batch["max_seqlen"] == batch["cu_seqlens"].diff().max() and batch["cursor"] == 3
    for name, array in arrays.items():
        assert np.array_equal(np.asarray(batch[name]), array), name
    logits = torch.nn.functional.one_hot(batch["input_ids"], 50_000).float().flatten(0, 1)
    losses = torch.nn.functional.cross_entropy(logits, batch["labels"].flatten(), reduction="none").reshape(3, 16)
    assert torch.equal(losses != 0, batch["loss_mask"]), "what the labels leave out is what the mask leaves out"


@pytest.mark.parametrize(("workers", "start"), [(0, None), (2, "fork"), (5, "fork"), (2, "spawn")])
def test_any_number_of_workers_gives_the_same_batches(folder: Path, workers: int, start: str | None) -> None:
    loader = TorchLoader(open_rank(folder, 1, 2), workers, multiprocessing_context=start)
    expected = open_rank(folder, 1, 2)
    for _ in range(2):  # the second epoch is another order, and begins although only the workers' copies were iterated
        assert ids(loader) == ids(expected)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_plain_data_loader_takes_it_as_an_iterable_and_as_a_map(folder: Path, workers: int) -> None:
    iterable = DataLoader(TorchDataset(open_rank(folder)), batch_size=None, num_workers=workers)
    assert ids(iterable) == ids(open_rank(folder))
    mapped = open_rank(folder, batch_size=None, fields=("input_ids", "labels"))
    batches = list(DataLoader(mapped, batch_size=4, num_workers=workers, drop_last=True))  # type: ignore[arg-type]
    assert len(batches) == len(mapped) // 4
    assert batches[0]["labels"].shape == (4, 16) and batches[0]["labels"].dtype == torch.int64
    assert ids(batches) == ids(open_rank(folder, batch_size=4, tail="drop"))


def test_a_state_counts_what_was_delivered_and_fits_other_workers(folder: Path) -> None:
    seen: list[Any] = []
    state = None
    for workers, steps in ((3, 7), (2, 11), (0, 4), (4, 1000)):
        loader = TorchLoader(open_rank(folder), workers)
        if state is not None:
            loader.load_state_dict(state)
        for _, batch in zip(range(steps), loader):
            seen += ids([batch])
        state = loader.state_dict()
    assert seen == ids(open_rank(folder))


@pytest.mark.parametrize("workers", [0, 2])
def test_torchdatas_loader_resumes_in_the_middle(folder: Path, workers: int) -> None:
    expected = ids(open_rank(folder))
    loader = StatefulDataLoader(TorchDataset(open_rank(folder)), batch_size=None, num_workers=workers)
    seen = [ids([batch])[0] for _, batch in zip(range(7), loader)]
    for steps in (5, 1000):  # twice, then to the end
        state = loader.state_dict()
        loader = StatefulDataLoader(TorchDataset(open_rank(folder)), batch_size=None, num_workers=workers)
        loader.load_state_dict(state)
        seen += [ids([batch])[0] for _, batch in zip(range(steps), loader)]
    assert seen == expected


def test_a_workers_state_is_refused_by_another(folder: Path) -> None:
    """torchdata gives each worker its own state back, and asserts that there are as many; this is for whoever does it by hand."""
    dataset = open_rank(folder)
    dataset.load_state_dict({**dataset.state_dict(), "worker": [1, 3]})
    with pytest.raises(LoaderError, match=r"worker \(1, 3\)"):
        next(iter(dataset))


def titan(folder: Path, rank: int, world: int) -> QuernDataLoader:
    config = QuernDataLoader.Config(url=str(folder), seed=3, options={"shuffle_window": 4})
    # The call of torchtitan 0.3's Trainer.
    return config.build(  # type: ignore[no-any-return]
        dp_world_size=world, dp_rank=rank, tokenizer=None, seq_len=16, local_batch_size=3, snapshot_every_n_steps=None
    )


def test_the_torchtitan_loader_builds_yields_and_resumes_on_more_ranks(folder: Path, tmp_path: Path) -> None:
    alone = Dataset(folder, seq_len=16, seed=3, batch_size=3, shuffle_window=4)
    expected = [row.tolist() for _, batch in zip(range(10), alone) for row in batch["labels"]]
    ranks = [titan(folder, rank, 2) for rank in range(2)]
    assert all(isinstance(rank, BaseDataLoader) for rank in ranks)
    iterators = [iter(rank) for rank in ranks]
    rows = []
    for _ in range(2):
        for iterator in iterators:
            inputs, labels = next(iterator)
            assert inputs["input"].shape == inputs["positions"].shape == labels.shape == (3, 16)
            assert inputs["input"].dtype == inputs["positions"].dtype == labels.dtype == torch.int64
            rows += labels.tolist()
    assert ranks[0].state_dict() == ranks[1].state_dict(), "one key for all ranks"
    # As torchtitan's checkpointer does, through torch's distributed checkpoints.
    checkpoint.save({"dataloader": ranks[0]}, checkpoint_id=tmp_path, no_dist=True)
    more = [titan(folder, rank, 3) for rank in range(3)]
    for rank in more:
        rank.load_state_dict({})
        checkpoint.load({"dataloader": rank}, checkpoint_id=tmp_path, no_dist=True)
    rows += [row for rank in more for row in next(iter(rank))[1].tolist()]
    assert rows == expected[: len(rows)]
    with pytest.raises(LoaderError, match="dp_rank_0"):
        more[0].load_state_dict({"dp_rank_0": b"", "world_size": 2})


def test_a_torchtitan_config_is_one_of_its_own(folder: Path) -> None:
    config = QuernDataLoader.Config(url=str(folder), options={"languages": ["de"]})
    assert json.loads(json.dumps(config.to_dict()))["options"] == {"languages": ["de"]}
    assert QuernDataLoader.Config.__mro__[1] is BaseDataLoader.Config
