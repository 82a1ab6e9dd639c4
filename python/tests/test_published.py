"""What Quern itself published and pulled, not what a test wrote."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from quern_loader import Dataset, LoaderError

DATASET = os.environ.get("QUERN_TEST_DATASET", "")
PULLED = os.environ.get("QUERN_TEST_PULLED", "")

pytestmark = pytest.mark.skipif(not DATASET, reason="QUERN_TEST_DATASET names no dataset; npm test makes one")


def test_every_token_of_the_snapshot_is_there_once_and_nothing_is_copied() -> None:
    before = pa.total_allocated_bytes()
    dataset = Dataset(DATASET, seq_len=256, shuffle=False, fields=("input_ids",), dtype=None)
    ids = np.concatenate([sample["input_ids"] for sample in dataset])[: dataset.tokens]
    assert pa.total_allocated_bytes() == before
    snapshot = json.loads(Path(DATASET, f"snapshots/{1:020d}.json").read_text())
    assert dataset.tokens == snapshot["totals"]["tokens"]
    paths = [
        entry["path"]
        for language in sorted(snapshot["shards"])
        for page in snapshot["shards"][language]
        for entry in json.loads(Path(DATASET, page["path"]).read_text())
    ]
    stored = [pa.ipc.open_file(str(Path(DATASET, path))).read_all().column("input_ids").combine_chunks().values for path in paths]
    assert ids.tolist() == [token for values in stored for token in values.to_pylist()]


def test_excluding_works_on_what_a_run_wrote() -> None:
    everything = Dataset(DATASET, seq_len=512)
    sources = {piece["source"] for i in range(len(everything)) for piece in everything.documents(i)}
    assert {"udhr", "debian-docs"} <= sources
    for exclude in ({"source": ["udhr"]}, {"licence": ["mixed-free"]}, {"host": ["udhr.example"]}):
        dataset = Dataset(DATASET, seq_len=512, exclude=exclude)  # type: ignore[arg-type]
        pieces = [piece for i in range(len(dataset)) for piece in dataset.documents(i)]
        hidden = {piece["source"] for piece in pieces if piece["hidden"]}
        assert hidden and not all(piece["hidden"] for piece in pieces), exclude


def test_a_pulled_folder_reads_the_same_and_names_what_is_missing() -> None:
    dataset, pulled = Dataset(DATASET, seq_len=256), Dataset(PULLED, seq_len=256)
    assert len(dataset) == len(pulled)
    same, missing = 0, 0
    for i in range(len(dataset)):
        try:
            assert pulled[i]["input_ids"].tolist() == dataset[i]["input_ids"].tolist()
            same += 1
        except LoaderError as error:
            assert error.code == "not-here" and f"quern pull {DATASET} {PULLED} --snapshot 1" in error.remedy
            missing += 1
    assert same > 100 and missing > 100, "every second shard was pulled"
    with pytest.raises(LoaderError, match="snapshot 1 was pulled"):
        Dataset(PULLED, 2, seq_len=256)


def test_a_pulled_folder_completes_itself(tmp_path: Path) -> None:
    folder = tmp_path / "pulled"
    shutil.copytree(PULLED, folder)
    shards = len(list(Path(DATASET, "data").glob("*/*.arrow")))
    pulled = Dataset(folder, seq_len=256, fetch_from=DATASET, batch_size=8)
    assert [batch["input_ids"].tolist() for batch in pulled] == [
        batch["input_ids"].tolist() for batch in Dataset(DATASET, seq_len=256, batch_size=8)
    ]
    assert (
        len(list((folder / "data").glob("*/*.arrow"))) == shards == len([path for path in (folder / "data").rglob("*") if path.is_file()])
    )
    damaged = tmp_path / "damaged"
    shutil.copytree(DATASET, damaged)
    for shard in (damaged / "data").glob("*/*.arrow"):
        shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    shutil.rmtree(folder / "data")
    with pytest.raises(LoaderError, match="fetching data/.*SHA-256") as caught:
        Dataset(folder, seq_len=256, fetch_from=damaged)[0]
    assert caught.value.code == "damaged-dataset"
    assert not [path for path in (folder / "data").rglob("*") if path.is_file()]


def test_a_pulled_folder_excludes_hosts_as_the_dataset_does(tmp_path: Path) -> None:
    folder = tmp_path / "pulled"
    shutil.copytree(PULLED, folder)
    assert not (folder / "text").exists()
    options = {"seq_len": 512, "exclude": {"host": ["udhr.example"]}, "fields": ("input_ids", "loss_mask")}
    straight = list(Dataset(DATASET, **options))  # type: ignore[arg-type]
    assert [row["loss_mask"].tolist() for row in straight] != [row["loss_mask"].tolist() for row in Dataset(DATASET, seq_len=512)]
    completed = Dataset(folder, fetch_from=DATASET, **options)  # type: ignore[arg-type]
    assert [row["loss_mask"].tolist() for row in completed] == [row["loss_mask"].tolist() for row in straight]
    assert len(list((folder / "hosts").glob("*/*.arrow"))) == len(list(Path(DATASET, "hosts").glob("*/*.arrow")))


def test_a_folder_from_before_there_were_hosts_needs_the_text(tmp_path: Path) -> None:
    folder = tmp_path / "pulled"
    shutil.copytree(PULLED, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for shards in manifest["shards"].values():
        for shard in shards:
            del shard["hosts"]
    exclude = {"host": ["udhr.example"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(LoaderError, match="from before hosts") as caught:
        Dataset(folder, seq_len=512, exclude=exclude)
    assert "--with-text" in caught.value.remedy
    (folder / "manifest.json").write_text(json.dumps({**manifest, "withText": True}))
    with pytest.raises(LoaderError, match="not in|reading text/") as caught:
        list(Dataset(folder, seq_len=512, exclude=exclude))
    assert "--with-text" in caught.value.remedy
    completed = Dataset(folder, seq_len=512, exclude=exclude, fetch_from=DATASET, fields=("input_ids", "loss_mask"))
    straight = Dataset(DATASET, seq_len=512, exclude=exclude, fields=("input_ids", "loss_mask"))
    for mine, theirs in zip(completed, straight, strict=True):
        assert mine["loss_mask"].tolist() == theirs["loss_mask"].tolist()
    assert list((folder / "text").glob("*/*.arrow"))


def test_hugging_face_datasets_loads_the_shards_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="test/requirements.txt names it")
    files = sorted(str(path) for path in Path(DATASET, "data").glob("*/*.arrow"))
    stored = [row for file in files for row in pa.ipc.open_file(file).read_all().to_pylist()]
    for streaming in (False, True):
        loaded = datasets.load_dataset("arrow", data_files=files, split="train", streaming=streaming, cache_dir=str(tmp_path))
        assert [row["input_ids"] for row in loaded] == [row["input_ids"] for row in stored]


def test_versions_tags_and_damage(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(DATASET, copy)
    assert Dataset(copy, 1, seq_len=64).snapshot.sha256 == Dataset(f"file://{copy}", seq_len=64).snapshot.sha256
    sha256 = Dataset(copy, seq_len=64).snapshot.sha256
    (copy / "tags").mkdir()
    for name, pinned in (("good", sha256), ("bad", "0" * 64)):
        (copy / f"tags/{name}.json").write_text(json.dumps({"version": 1, "sha256": pinned}))
    assert Dataset(copy, "good", seq_len=64).snapshot.version == 1
    for which, code in (("bad", "damaged-dataset"), ("none", "not-found"), (7, "not-found"), ("../x", "not-found")):
        with pytest.raises(LoaderError) as caught:
            Dataset(copy, which, seq_len=64)
        assert caught.value.code == code
    shard = sorted((copy / "data").glob("*/*.arrow"))[0]
    content = shard.read_bytes()
    for damaged in (content[: len(content) // 2], content[:900] + bytes(200) + content[1100:], b""):
        shard.write_bytes(damaged)
        dataset = Dataset(copy, seq_len=64)
        with pytest.raises(LoaderError) as caught:
            for i in range(len(dataset)):
                dataset[i]
        assert caught.value.code == "damaged-dataset"
    page = sorted((copy / "lists").glob("*.json"))
    for file in page:
        file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(LoaderError, match="not what the snapshot names"):
        Dataset(copy, seq_len=64)
    with pytest.raises(LoaderError, match="there is no dataset here"):
        Dataset(tmp_path, seq_len=64)
