"""One published state of a dataset, as far as a trainer needs it: which record batches there are, and where."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import LoaderError
from .storage import Storage

_VERIFY = "Run quern verify on the dataset."


@dataclass(frozen=True)
class Shard:
    """A token shard: one language, a document a row. `batches` is int64 of shape (batches, 5): offset, metadata length,
    body length, rows, tokens. `text` is the key of its kept text, or None where it was not pulled; `hosts` that of the hosts of
    its documents, or None where the shard is from before they were written."""

    path: str
    bytes: int
    language: str
    documents: int
    tokens: int
    batches: npt.NDArray[np.int64]
    text: str | None
    hosts: str | None


@dataclass(frozen=True)
class Snapshot:
    """`sha256` is that of the snapshot's object: with `version` it names exactly these shards."""

    dataset: str
    version: int
    sha256: str
    dtype: np.dtype[Any]
    vocabulary_size: int
    end_of_document: int | None
    #: Licence by source.
    licences: dict[str, str]
    #: By language, in code point order, each in the order of publication.
    shards: dict[str, list[Shard]]
    #: Keys of the files that say how many documents were dropped for each kept one.
    groups: list[str]


def read_snapshot(storage: Storage, which: int | str | None) -> Snapshot:
    """The snapshot of this version or tag, the newest for None. Every list is checked against the hash that names it.

    Raises `not-a-dataset`, `not-found`, `damaged-dataset`.
    """
    manifest = storage.find("manifest.json")
    if manifest is not None:
        return _read_pulled(storage, manifest, which)
    format_bytes = storage.find("format.json")
    if format_bytes is None:
        raise LoaderError(
            "not-a-dataset", f"opening {storage.url}: there is no dataset here", "Give the folder that holds format.json or manifest.json."
        )
    form = _parse(format_bytes, "format.json")
    if form.get("format") != "quern-dataset" or form.get("major") != 1 or form.get("features"):
        named = ", ".join(map(str, form.get("features") or [])) or f"format {form.get('major')}"
        raise LoaderError(
            "not-a-dataset", f"opening {storage.url}: it uses {named}, which this version does not know", "Use a newer quern-loader."
        )
    version, expected = _choose(storage, which)
    key = f"snapshots/{version:020d}.json"
    content = storage.find(key)
    if content is None:
        if storage.find(f"erased/{version:020d}.json") is not None:
            raise LoaderError(
                "erased",
                f"reading {storage.url}: snapshot {version} held documents that were erased, and is gone with them",
                "Open a newer snapshot: keep the model, leave the loader's state, and start a new epoch on it with another seed.",
            )
        if _is_retired(storage, version):
            raise LoaderError(
                "not-found",
                f"reading {storage.url}: snapshot {version} was removed by quern retain",
                "Open one that quern snapshots lists, and start a new epoch on it; quern tag keeps the snapshot of a run that goes on.",
            )
        raise LoaderError("not-found", f"reading {storage.url}: it has no snapshot {version}", "Open one that quern snapshots lists.")
    sha256 = hashlib.sha256(content).hexdigest()
    if expected is not None and sha256 != expected:
        raise LoaderError("damaged-dataset", f"reading tag {which}: snapshot {version} is not the one that was tagged", _VERIFY)
    snapshot = _parse(content, key)
    shards = {language: [entry for page in pages for entry in _page(storage, page)] for language, pages in snapshot["shards"].items()}
    return _snapshot(str(form["datasetId"]), snapshot, shards, sha256, texts=True)


def _is_retired(storage: Storage, version: int) -> bool:
    """Whether retention removed it: its text lies alone, or in one object with its neighbours."""
    if storage.find(f"retired/{version:020d}.json") is not None:
        return True
    first = version - version % 64
    key = f"retired/{first:020d}-{first + 63:020d}.json"
    pack = storage.find(key)
    return pack is not None and str(version) in _parse(pack, key)["snapshots"]


def _read_pulled(storage: Storage, content: bytes, which: int | str | None) -> Snapshot:
    manifest = _parse(content, "manifest.json")
    if which is not None and str(which) != str(manifest["version"]):
        raise LoaderError(
            "not-found", f"opening {storage.url}: snapshot {manifest['version']} was pulled, not {which}", "Pull that one, or leave it out."
        )
    # The folder keeps no id of its dataset; the hash of the snapshot names the same thing.
    return _snapshot("", manifest, manifest["shards"], str(manifest["sha256"]), texts=bool(manifest.get("withText")))


def _snapshot(dataset: str, snapshot: dict[str, Any], shards: dict[str, list[dict[str, Any]]], sha256: str, texts: bool) -> Snapshot:
    if snapshot.get("format") != "quern-snapshot/1":
        raise LoaderError("not-a-dataset", f"a snapshot has the format {snapshot.get('format')}", "Use a newer quern-loader.")
    tokenizer = snapshot["tokenizer"]
    return Snapshot(
        dataset=dataset,
        version=int(snapshot["version"]),
        sha256=sha256,
        dtype=np.dtype({"uint16": "<u2", "uint32": "<u4"}[tokenizer["dtype"]]),
        vocabulary_size=int(tokenizer["vocabularySize"]),
        end_of_document=tokenizer["endOfDocument"],
        licences={name: str(source["licence"]) for name, source in snapshot["totals"]["bySource"].items()},
        shards={language: [_shard(entry, texts) for entry in shards[language]] for language in sorted(shards)},
        groups=[str(file["path"]) for file in snapshot.get("groups", [])],
    )


def _shard(entry: dict[str, Any], texts: bool) -> Shard:
    batches = np.array(entry["batches"], dtype=np.int64).reshape(-1, 5)
    if int(batches[:, 3].sum()) != entry["documents"] or int(batches[:, 4].sum()) != entry["tokens"]:
        raise LoaderError("damaged-dataset", f"reading the list of shards: the batches of {entry['path']} do not add up", _VERIFY)
    text = str(entry["text"]["path"]) if texts else None
    hosts = str(entry["hosts"]["path"]) if "hosts" in entry else None
    return Shard(entry["path"], entry["bytes"], entry["language"], entry["documents"], entry["tokens"], batches, text, hosts)


def _choose(storage: Storage, which: int | str | None) -> tuple[int, str | None]:
    """The version, and the SHA-256 that a tag pins."""
    if which is None:
        versions = [int(found[1]) for key in storage.keys("snapshots/") if (found := re.fullmatch(r"snapshots/(\d{20})\.json", key))]
        if not versions:
            raise LoaderError("not-found", f"reading {storage.url}: nothing is published yet", "Finish a run first: quern run.")
        return max(versions), None
    if isinstance(which, int) or re.fullmatch(r"\d{1,15}", which):
        return int(which), None
    tag = storage.find(f"tags/{which}.json") if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", which) else None
    if tag is None:
        raise LoaderError("not-found", f'reading {storage.url}: it has no tag "{which}"', "Give a version number or an existing tag.")
    parsed = _parse(tag, f"tags/{which}.json")
    return int(parsed["version"]), str(parsed["sha256"])


def _page(storage: Storage, page: dict[str, Any]) -> list[dict[str, Any]]:
    content = storage.find(page["path"])
    if content is None or hashlib.sha256(content).hexdigest() != page["sha256"]:
        raise LoaderError("damaged-dataset", f"reading {page['path']}: it is not what the snapshot names", _VERIFY)
    entries: list[dict[str, Any]] = json.loads(content)
    return entries


def _parse(content: bytes, key: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise LoaderError("damaged-dataset", f"reading {key}: it is not a JSON object", _VERIFY)
    return value
