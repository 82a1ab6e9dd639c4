"""What a sample holds: ids, targets, positions, segments; from documents of every awkward length."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from expected import concatenated
from small_dataset import Document, random_documents, write_dataset

from quern_loader import Dataset, LoaderError

DOCUMENTS = [*random_documents(150, 1), Document([]), Document(list(range(1, 400))), Document([7]), Document([]), *random_documents(30, 2)]


@pytest.fixture(scope="module", params=["uint16", "uint32"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dataset")
    write_dataset(made, {"de": DOCUMENTS}, dtype=request.param)
    return made


@pytest.mark.parametrize("seq_len", [1, 2, 16, 100, 1000, 100_000])
def test_samples_hold_what_their_documents_say(folder: Path, seq_len: int) -> None:
    dataset = Dataset(
        folder, seq_len=seq_len, shuffle=False, fields=("input_ids", "labels", "loss_mask", "position_ids", "document_ids", "cu_seqlens")
    )
    expected = concatenated(DOCUMENTS, seq_len)
    assert len(dataset) == len(expected)
    for i in [*range(min(500, len(expected))), *range(max(500, len(expected) - 50), len(expected))]:
        wanted, sample = expected[i], dataset[i]
        assert sample["input_ids"].tolist() == wanted.input_ids
        assert sample["loss_mask"].tolist() == [target is not None for target in wanted.targets]
        assert sample["labels"].tolist() == [-100 if target is None else target for target in wanted.targets]
        assert sample["position_ids"].tolist() == wanted.position_ids
        starts = [at for at, position in enumerate(wanted.position_ids) if position == 0]
        assert sample["cu_seqlens"].tolist() == [*starts, seq_len]
        assert sample["max_seqlen"] == max(np.diff([*starts, seq_len]))
        ids = sample["document_ids"]
        assert (ids >= 0).sum() == min(seq_len, dataset.tokens - i * seq_len)
        assert np.flatnonzero(np.diff(ids, prepend=-2)).tolist() == starts


@pytest.mark.parametrize("packing", ["concat", "best-fit"])
@pytest.mark.parametrize("batch_size", [None, 1, 5])
def test_an_epoch_has_every_token_once(folder: Path, packing: str, batch_size: int | None) -> None:
    dataset = Dataset(
        folder, seq_len=32, packing=packing, batch_size=batch_size, shuffle_block=4, shuffle_window=3, fields=("input_ids", "document_ids")
    )
    seen: Counter[int] = Counter()
    for batch in dataset:
        seen.update(batch["input_ids"][batch["document_ids"] >= 0].tolist())
    assert seen == Counter(token for document in DOCUMENTS for token in document.tokens)


def test_iterating_and_indexing_agree(folder: Path) -> None:
    dataset = Dataset(folder, seq_len=24, seed=5, batch_size=3, shuffle_block=8, shuffle_window=2)
    rows = np.concatenate([batch["input_ids"] for batch in dataset])
    assert [row.tolist() for row in rows[: len(dataset)]] == [dataset[i]["input_ids"].tolist() for i in range(len(dataset))]


def test_best_fit_wastes_little_and_splits_only_what_does_not_fit(folder: Path) -> None:
    dataset = Dataset(folder, seq_len=64, packing="best-fit", shuffle=False)
    pieces = [piece for i in range(len(dataset)) for piece in dataset.documents(i)]
    whole = Counter(piece["id"] for piece in pieces)
    assert {identity for identity, count in whole.items() if count > 1} <= {
        piece["id"] for piece in pieces if piece["end"] - piece["start"] == 64
    }
    assert len(dataset) < 1.08 * dataset.tokens / 64, "documents of up to 60 tokens leave little room in 64"


def test_rows_of_a_batch_are_laid_end_to_end_in_cu_seqlens(folder: Path) -> None:
    dataset = Dataset(folder, seq_len=50, batch_size=4, seed=2)
    alone = Dataset(folder, seq_len=50, seed=2)
    for number, batch in enumerate(dataset):
        edges = [
            50 * row + edge
            for row in range(4)
            if number * 4 + row < len(alone)
            for edge in alone[number * 4 + row]["cu_seqlens"].tolist()[:-1]
        ]
        padded = [50 * row for row in range(4) if number * 4 + row >= len(alone)]
        assert batch["cu_seqlens"].tolist() == [*edges, *padded, 200]


def test_ids_are_views_of_the_mapped_file(folder: Path) -> None:
    dataset = Dataset(folder, seq_len=8, shuffle=False, fields=("input_ids",), dtype=None)
    views = [sample["input_ids"] for sample in dataset]
    assert sum(not view.flags.owndata and not view.flags.writeable for view in views) > len(views) / 2
    assert np.concatenate(views)[: dataset.tokens].tolist() == [token for document in DOCUMENTS for token in document.tokens]


def test_a_mixture_draws_streams_by_weight_and_repeats_small_ones(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"de": random_documents(400, 3, 200), "en": random_documents(40, 4, 100), "fr": random_documents(9, 5)})
    dataset = Dataset(tmp_path, seq_len=16, weights={"de": 3, "en": 1}, repeat=True)
    streams, samples = dataset.locate(np.arange(8 * 4096))
    assert [stream.name for stream in dataset.streams] == ["de", "en"]
    assert np.bincount(streams).tolist() == [3 * 8192, 8192]
    small = samples[streams == 1]
    times = np.bincount(small, minlength=dataset.streams[1].samples)
    assert times.max() - times.min() <= 2 and times.min() > 3
    with pytest.raises(LoaderError, match="max_epochs is 2") as caught:
        Dataset(tmp_path, seq_len=16, weights={"de": 3, "en": 1}, max_epochs=2).locate(np.arange(8 * 4096))
    assert caught.value.code == "too-many-epochs"


def test_mixing_by_source_gives_only_its_documents(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"de": random_documents(90, 6, sources=("a", "b", "c"))})
    dataset = Dataset(tmp_path, seq_len=16, mix="source", weights={"b": 1})
    assert {piece["source"] for i in range(len(dataset)) for piece in dataset.documents(i)} == {"b"}


def test_a_plan_is_kept_and_found_again(folder: Path, tmp_path: Path) -> None:
    first = Dataset(folder, seq_len=32, packing="best-fit", plan_cache=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 1
    second = Dataset(folder, seq_len=32, packing="best-fit", plan_cache=tmp_path)
    assert json.dumps(first.state_dict()) == json.dumps(second.state_dict())
    assert first[3]["input_ids"].tolist() == second[3]["input_ids"].tolist()


@pytest.mark.parametrize(
    "arguments",
    [
        {"seq_len": 0},
        {"seq_len": 2.5},
        {"dp_rank": 2, "dp_world_size": 2},
        {"batch_size": 0},
        {"packing": "first"},
        {"tail": "wrap"},
        {"fields": ["x"]},
        {"dtype": "uint8"},
        {"dtype": "float32"},
        {"languages": ["xx"]},
        {"exclude": {"page": ["x"]}},
        {"exclude": {"source": ["x"]}},
        {"exclude": {"source": "web"}},
        {"seed": -1},
    ],
)
def test_wrong_arguments_are_refused(folder: Path, arguments: dict[str, object]) -> None:
    with pytest.raises(LoaderError) as caught:
        Dataset(folder, **{"seq_len": 8, **arguments})  # type: ignore[arg-type]
    assert caught.value.code == "bad-argument"
