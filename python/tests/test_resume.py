"""Where a run stands survives kills, other numbers of ranks and workers, and the ends of epochs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from small_dataset import random_documents, write_dataset

from quern_loader import Dataset, LoaderError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dataset")
    write_dataset(made, {"de": random_documents(900, 1), "en": random_documents(500, 2)})
    return made


def open_rank(folder: Path, rank: int, world: int, **more: object) -> Dataset:
    return Dataset(
        folder, seq_len=16, seed=11, dp_rank=rank, dp_world_size=world, shuffle_block=16, shuffle_window=4, **{"batch_size": 2, **more}
    )  # type: ignore[arg-type]


class Run:
    """All ranks of a run in step, as a trainer has them; keeps what they were given in the order of the samples."""

    def __init__(self, folder: Path, world: int, state: str | None = None, **more: object) -> None:
        self.ranks = [open_rank(folder, rank, world, **more) for rank in range(world)]
        for rank in self.ranks:
            if state is not None:
                rank.load_state_dict(json.loads(state))
        self._iterators = [iter(rank) for rank in self.ranks]

    def steps(self, count: int | None = None) -> list[list[int]]:
        rows: list[list[int]] = []
        while count is None or count > 0:
            batches = [next(iterator, None) for iterator in self._iterators]
            if batches[0] is None:
                assert all(batch is None for batch in batches), "one rank ended and another did not"
                break
            rows += [
                row.tolist()
                for batch in batches
                if batch is not None
                for row, mask in zip(batch["input_ids"], batch["loss_mask"])
                if mask.any()
            ]
            count = None if count is None else count - 1
        return rows

    @property
    def state(self) -> str:
        states = {json.dumps(rank.state_dict()) for rank in self.ranks}
        assert len(states) == 1, "the state is the same on every rank"
        return states.pop()


def digest(rows: list[list[int]]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


@pytest.mark.parametrize("more", [{}, {"packing": "best-fit"}, {"weights": {"de": 1, "en": 2}}])
def test_64_then_48_then_96_ranks_with_two_kills_see_what_one_undisturbed_rank_sees(
    folder: Path, more: dict[str, object], tmp_path: Path
) -> None:
    more = {**more, "plan_cache": tmp_path}
    undisturbed = Run(folder, 1, **more).steps()
    first = Run(folder, 64, **more)
    rows = first.steps(4)
    saved = first.state
    first.steps(2)  # lost with the first kill: nobody saved a state behind them
    second = Run(folder, 48, saved, **more)
    rows += second.steps(3)
    saved = second.state
    second.steps(1)
    third = Run(folder, 96, saved, **more)
    rows += third.steps()
    assert len(rows) == len(undisturbed) > 1000
    assert digest(rows) == digest(undisturbed)
    assert len(saved) < 500


def test_resuming_twice_without_a_step_between_changes_nothing(folder: Path) -> None:
    whole = Run(folder, 4).steps()
    run = Run(folder, 4)
    rows = run.steps(9)
    for world in (3, 5, 2):
        run = Run(folder, world, Run(folder, world, run.state).state)
        rows += run.steps(7)
    assert digest(rows + run.steps()) == digest(whole)


def test_an_epoch_ends_for_all_ranks_at_once_and_the_next_is_another_order(folder: Path) -> None:
    one = open_rank(folder, 0, 1)
    assert one.samples % (7 * 2) != 0
    epochs = []
    run = Run(folder, 7)
    for _ in range(2):
        run._iterators = [iter(rank) for rank in run.ranks]
        epochs.append(run.steps())
    assert sorted(map(tuple, epochs[0])) == sorted(map(tuple, epochs[1]))
    assert epochs[0] != epochs[1]
    assert json.loads(run.state)["cursor"] == 2 * one.samples
    assert len(list(open_rank(folder, 6, 7))) == open_rank(folder, 6, 7).steps == -(-one.samples // 14)


def test_a_dropped_tail_leaves_out_less_than_a_step(folder: Path) -> None:
    ranks = [open_rank(folder, rank, 7, tail="drop") for rank in range(7)]
    counts = [len(list(rank)) for rank in ranks]
    assert counts == [ranks[0].steps] * 7 == [ranks[0].samples // 14] * 7
    assert ranks[0].state_dict()["cursor"] == ranks[0].samples, "the next epoch begins at its beginning"


def test_repeating_goes_on_without_a_seam(folder: Path) -> None:
    endless = iter(open_rank(folder, 0, 1, repeat=True, batch_size=5))
    samples = open_rank(folder, 0, 1).samples
    rows = np.concatenate([next(endless)["input_ids"] for _ in range(2 * samples // 5 + 1)])
    one = open_rank(folder, 0, 1)
    for i in (0, samples - 1, samples, samples + 1, 2 * samples - 1):
        assert rows[i].tolist() == one[i]["input_ids"].tolist()
    assert sorted(map(tuple, rows[:samples].tolist())) == sorted(map(tuple, rows[samples : 2 * samples].tolist()))


def test_breaking_off_and_iterating_again_goes_on(folder: Path) -> None:
    dataset = open_rank(folder, 0, 2)
    rows = []
    for step, batch in enumerate(dataset):
        rows.append(batch["input_ids"].tolist())
        if step == 4:
            break
    rows += [batch["input_ids"].tolist() for batch in dataset]
    assert rows == [batch["input_ids"].tolist() for batch in open_rank(folder, 0, 2)]


def test_the_state_of_a_batch_is_the_state_after_it(folder: Path) -> None:
    dataset = open_rank(folder, 1, 3)
    batches = list(dataset)
    other = open_rank(folder, 1, 3)
    other.load_state_dict(dataset.state_dict(batches[10]))
    assert next(iter(other))["input_ids"].tolist() == batches[11]["input_ids"].tolist()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"seed": 12}, "seed"),
        ({"seq_len": 32}, "seq_len"),
        ({"packing": "best-fit"}, "packing"),
        ({"weights": {"de": 1}}, "plan_sha256"),
        ({"languages": ["de"]}, "plan_sha256"),
        ({"shuffle_window": 5}, "shuffle_window"),
        ({"shuffle": False}, "shuffle_block"),
    ],
)
def test_a_state_of_another_order_is_refused(folder: Path, more: dict[str, object], named: str) -> None:
    state = open_rank(folder, 0, 1).state_dict()
    arguments = {"seq_len": 16, "seed": 11, "shuffle_block": 16, "shuffle_window": 4, "batch_size": 2, **more}
    with pytest.raises(LoaderError, match=f"its {named} is") as caught:
        Dataset(folder, **arguments).load_state_dict(state)  # type: ignore[arg-type]
    assert caught.value.code == "state-mismatch"
    assert caught.value.remedy


@pytest.mark.parametrize("state", [{}, {"v": 2}, {"v": 1}])
def test_what_is_no_state_is_refused(folder: Path, state: dict[str, object]) -> None:
    with pytest.raises(LoaderError):
        open_rank(folder, 0, 1).load_state_dict(state)
