"""Documents come as often as the documents that they stand for ask for."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from quern_loader import Dataset, LoaderError
from small_dataset import random_documents, write_dataset

#: Documents dropped for each of some: in two files, as two nights leave them.
NIGHTS = [{0: 1, 5: 3, 9: 40}, {5: 8, 7: 1}]
STANDS_FOR = {0: 2, 5: 12, 7: 2, 9: 41}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ids = write_dataset(tmp_path, {"de": random_documents(100, 3)})["de"]
    place = tmp_path / f"snapshots/{1:020d}.json"
    snapshot = json.loads(place.read_text())
    snapshot["groups"] = []
    for number, night in enumerate(NIGHTS):
        rows = sorted((ids[row], members) for row, members in night.items())
        table = pa.table({"doc_id": pa.array([r[0] for r in rows], pa.binary(16)), "members": pa.array([r[1] for r in rows], pa.uint32())})
        path = tmp_path / f"groups/{number}.arrow"
        path.parent.mkdir(exist_ok=True)
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
        snapshot["groups"].append({"path": f"groups/{number}.arrow", "bytes": 1, "sha256": "0" * 64, "groups": len(rows)})
    place.write_text(json.dumps(snapshot))
    (tmp_path / "ids.json").write_text(json.dumps([one.hex() for one in ids]))
    return tmp_path


def times(dataset: Dataset, folder: Path) -> dict[int, float]:
    """How often the tokens of each document that has some come in an epoch."""
    ids = json.loads((folder / "ids.json").read_text())
    tokens: Counter[str] = Counter()
    for index in range(len(dataset)):
        for piece in dataset.documents(index):
            tokens[piece["id"]] += piece["end"] - piece["start"]
    sizes: Counter[str] = Counter()
    for index in range(len(plain := Dataset(folder, seq_len=16))):
        for piece in plain.documents(index):
            sizes[piece["id"]] += piece["end"] - piece["start"]
    return {row: tokens[one] / sizes[one] for row, one in enumerate(ids) if sizes[one] > 0}


@pytest.mark.parametrize("packing", ["concat", "best-fit"])
@pytest.mark.parametrize(
    ("steps", "repeats"),
    [({2: 2, 10: 3}, {2: 2, 12: 3, 41: 3}), ({2: 3, 40: 0}, {2: 3, 12: 3, 41: 0}), ({1: 2}, {1: 2, 2: 2, 12: 2, 41: 2})],
)
def test_documents_come_as_often_as_their_group_says(folder: Path, packing: str, steps: dict[int, int], repeats: dict[int, int]) -> None:
    dataset = Dataset(folder, seq_len=16, packing=packing, rehydrate=steps)  # type: ignore[arg-type]
    found = times(dataset, folder)
    assert len(found) > 90
    assert found == {row: repeats.get(STANDS_FOR.get(row, 1), 1) for row in found}


def test_a_copy_is_no_neighbour_and_a_state_knows_the_repeats(folder: Path) -> None:
    dataset = Dataset(folder, seq_len=64, shuffle=False, rehydrate={2: 2})
    for index in range(len(dataset)):
        assert max(Counter(piece["id"] for piece in dataset.documents(index)).values()) == 1
    next(iter(dataset))
    state = dataset.state_dict()
    Dataset(folder, seq_len=64, shuffle=False, rehydrate={2: 2}).load_state_dict(state)
    with pytest.raises(LoaderError, match="plan_sha256"):
        Dataset(folder, seq_len=64, shuffle=False, rehydrate={2: 3}).load_state_dict(state)


def test_without_groups_every_document_comes_once(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"de": random_documents(50, 3)})
    plain, asked = (Dataset(tmp_path, seq_len=16, rehydrate=steps) for steps in (None, {2: 2}))
    digest = [hashlib.sha256(np.concatenate([one[i]["input_ids"] for i in range(len(one))]).tobytes()).digest() for one in (plain, asked)]
    assert digest[0] == digest[1]


@pytest.mark.parametrize("steps", [{}, {0: 2}, {2: -1}, {2: 1.5}, {"2": 2}, {2: 10_000}])
def test_wrong_steps_are_refused(folder: Path, steps: dict[int, int]) -> None:
    with pytest.raises(LoaderError) as caught:
        Dataset(folder, seq_len=16, rehydrate=steps)
    assert caught.value.code == "bad-argument"


def test_a_file_that_is_gone_or_damaged_is_named(folder: Path) -> None:
    (folder / "groups/1.arrow").write_bytes(b"no arrow")
    with pytest.raises(LoaderError, match="groups/1.arrow") as damaged:
        Dataset(folder, seq_len=16, rehydrate={2: 2})
    (folder / "groups/1.arrow").unlink()
    with pytest.raises(LoaderError, match="groups/1.arrow") as gone:
        Dataset(folder, seq_len=16, rehydrate={2: 2})
    assert (damaged.value.code, gone.value.code) == ("damaged-dataset", "not-here")
