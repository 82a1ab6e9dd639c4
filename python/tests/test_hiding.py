"""Suppressed and excluded documents are never given out, and everything else stays where it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from expected import concatenated
from small_dataset import Document, random_documents, suppress, write_dataset

from quern_loader import Dataset, LoaderError

DOCUMENTS = [
    *random_documents(100, 1, sources=("a", "b", "c")),
    Document(list(range(1, 300)), "b", "https://sub.bad.example:81/x?y"),
    *random_documents(40, 2, sources=("a", "c")),
]


@pytest.fixture(params=[True, False], ids=["hosts", "no-hosts"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    write_dataset(tmp_path, {"de": DOCUMENTS}, licences={"b": "CC-BY-NC-4.0"}, hosts=request.param)
    return tmp_path


def hidden_by(kind: str) -> set[int]:
    by = {
        "source": lambda d: d.source == "b",
        "licence": lambda d: d.source == "b",
        "host": lambda d: "bad.example" in d.url or "site-3." in d.url,
    }[kind]
    return {i for i, document in enumerate(DOCUMENTS) if by(document)}


EXCLUDES = {"source": ["b"], "licence": ["CC-BY-NC-4.0"], "host": ["Bad.Example", "site-3.example.org"]}


@pytest.mark.parametrize("kind", sorted(EXCLUDES))
@pytest.mark.parametrize("seq_len", [7, 64])
def test_excluded_documents_leave_their_room_and_nothing_of_them(folder: Path, kind: str, seq_len: int) -> None:
    dataset = Dataset(folder, seq_len=seq_len, shuffle=False, exclude={kind: EXCLUDES[kind]}, fill=60_000)
    for i, wanted in enumerate(concatenated(DOCUMENTS, seq_len, hidden_by(kind), 60_000)):
        sample = dataset[i]
        assert sample["input_ids"].tolist() == wanted.input_ids
        assert sample["labels"].tolist() == [-100 if target is None else target for target in wanted.targets]


def test_hosts_are_excluded_without_the_kept_text_and_a_damaged_file_stops_the_reader(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"de": DOCUMENTS})
    shutil.rmtree(tmp_path / "text")
    dataset = Dataset(tmp_path, seq_len=16, exclude={"host": ["bad.example"]})
    assert any(piece["hidden"] for i in range(len(dataset)) for piece in dataset.documents(i))
    shards = [file.read_bytes() for file in sorted((tmp_path / "data").glob("*/*"))]
    (first, *_) = files = sorted((tmp_path / "hosts").glob("*/*.arrow"))
    for content in (b"", first.read_bytes()[:-30], shards[0], _hosts_of_nobody()):
        for file in files:
            file.write_bytes(content)
        with pytest.raises(LoaderError) as caught:
            Dataset(tmp_path, seq_len=16, exclude={"host": ["bad.example"]})[0]
        assert caught.value.code == "damaged-dataset" and "data/" in caught.value.message
    Dataset(tmp_path, seq_len=16)[0]


def _hosts_of_nobody() -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table({"host": ["one.example"]})
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def test_a_suppression_holds_in_the_middle_of_a_run_and_moves_nothing(tmp_path: Path) -> None:
    ids = write_dataset(tmp_path, {"de": DOCUMENTS})["de"]
    before = Dataset(tmp_path, seq_len=16, seed=4, batch_size=4)
    iterator = iter(before)
    for _ in range(10):
        next(iterator)
    state = before.state_dict()
    rest = [batch["input_ids"] for batch in iterator]
    suppress(tmp_path, [ids[3], ids[40]])
    suppress(tmp_path, [ids[100]], "two")
    after = Dataset(tmp_path, seq_len=16, seed=4, batch_size=4, fill=0)
    after.load_state_dict(state)
    again = [batch["input_ids"] for batch in after]
    assert len(again) == len(rest)
    changed = np.concatenate(rest) != np.concatenate(again)
    assert 0 < changed.sum() <= sum(len(DOCUMENTS[i].tokens) for i in (3, 40, 100))
    assert (np.concatenate(again)[changed] == 0).all()
    given = {piece["id"] for i in range(len(after)) for piece in after.documents(i) if not piece["hidden"]}
    assert not {ids[i].hex() for i in (3, 40, 100)} & given


@pytest.mark.parametrize("packing", ["concat", "best-fit"])
def test_skipped_documents_take_no_room(folder: Path, packing: str) -> None:
    dataset = Dataset(folder, seq_len=32, packing=packing, hidden="skip", exclude={"source": ["b"]})  # type: ignore[arg-type]
    kept = [document for document in DOCUMENTS if document.source != "b"]
    tokens = sum(len(document.tokens) for document in kept)
    assert len(dataset) == -(-tokens // 32) if packing == "concat" else len(dataset) < tokens / 32 + 4
    assert {piece["source"] for i in range(len(dataset)) for piece in dataset.documents(i)} == {"a", "c"}
    if packing == "concat":
        plain = Dataset(folder, seq_len=32, hidden="skip", exclude={"source": ["b"]}, shuffle=False)
        for i, wanted in enumerate(concatenated(kept, 32)):
            assert plain[i]["input_ids"].tolist() == wanted.input_ids
            assert plain[i]["labels"].tolist() == [-100 if target is None else target for target in wanted.targets]


def test_a_state_does_not_fit_another_skipping(folder: Path) -> None:
    state = Dataset(folder, seq_len=32).state_dict()
    with pytest.raises(LoaderError, match="plan_sha256") as caught:
        Dataset(folder, seq_len=32, hidden="skip", exclude={"source": ["b"]}).load_state_dict(state)
    assert "hidden='mask'" in caught.value.remedy


@pytest.mark.parametrize("content", ["{", "[]", '{"ids": 5}', '{"ids": ["xyz"]}'])
def test_a_suppression_that_does_not_parse_stops_the_reader(folder: Path, content: str) -> None:
    (folder / "suppressed").mkdir()
    (folder / "suppressed/x.json").write_text(content)
    with pytest.raises(LoaderError) as caught:
        Dataset(folder, seq_len=8)
    assert caught.value.code == "damaged-dataset"


def test_ids_alone_are_hidden_too(tmp_path: Path) -> None:
    ids = write_dataset(tmp_path, {"de": [Document([5, 6, 7]), Document([8, 9])]})["de"]
    suppress(tmp_path, [ids[0]])
    sample = Dataset(tmp_path, seq_len=5, fields=("input_ids",), dtype=None)[0]
    assert sample["input_ids"].tolist() == [0, 0, 0, 8, 9]
    assert json.dumps(Dataset(tmp_path, seq_len=5).documents(0)).count("true") == 1


def test_a_state_on_another_snapshot_names_the_remedy(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"de": DOCUMENTS})
    state = Dataset(tmp_path, seq_len=32).state_dict()
    first = tmp_path / f"snapshots/{1:020d}.json"
    second = {**json.loads(first.read_text()), "version": 2}
    (tmp_path / f"snapshots/{2:020d}.json").write_text(json.dumps(second))
    with pytest.raises(LoaderError, match="its snapshot is 1") as caught:
        Dataset(tmp_path, seq_len=32).load_state_dict(state)
    assert "Dataset(url, snapshot=1)" in caught.value.remedy
    assert "new epoch" in caught.value.remedy and "quern trace" in caught.value.remedy
    Dataset(tmp_path, 1, seq_len=32).load_state_dict(state)


@pytest.mark.parametrize(("place", "code", "remedy"), [("erased", "erased", "new epoch"), ("retired", "not-found", "quern tag")])
def test_a_snapshot_that_is_gone_says_why(tmp_path: Path, place: str, code: str, remedy: str) -> None:
    write_dataset(tmp_path, {"de": DOCUMENTS})
    (tmp_path / place).mkdir()
    (tmp_path / f"snapshots/{1:020d}.json").rename(tmp_path / f"{place}/{1:020d}.json")
    with pytest.raises(LoaderError) as caught:
        Dataset(tmp_path, 1, seq_len=32)
    assert caught.value.code == code and remedy in caught.value.remedy


def test_a_snapshot_that_was_removed_with_its_neighbours_says_why(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"de": DOCUMENTS})
    (tmp_path / "retired").mkdir()
    removed = tmp_path / f"snapshots/{1:020d}.json"
    pack = {"format": "quern-retired/1", "snapshots": {"1": removed.read_text()}}
    (tmp_path / f"retired/{0:020d}-{63:020d}.json").write_text(json.dumps(pack))
    removed.unlink()
    with pytest.raises(LoaderError) as caught:
        Dataset(tmp_path, 1, seq_len=32)
    assert caught.value.code == "not-found" and "quern tag" in caught.value.remedy
    with pytest.raises(LoaderError, match="it has no snapshot 2"):
        Dataset(tmp_path, 2, seq_len=32)
