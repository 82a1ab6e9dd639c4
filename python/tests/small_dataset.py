"""Writes datasets in the layout that Quern publishes, with exactly the documents that a test needs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Document:
    tokens: list[int]
    source: str = "web"
    url: str = "https://example.org/"

    def identity(self, language: str, number: int) -> bytes:
        return hashlib.sha256(f"{language} {number}".encode()).digest()[:16]


def random_documents(count: int, seed: int, longest: int = 60, sources: tuple[str, ...] = ("web",)) -> list[Document]:
    """Documents of 0 to `longest` tokens; ids below 50,000."""
    rng = np.random.default_rng(seed)
    return [
        Document(
            rng.integers(1, 50_000, int(rng.integers(0, longest))).tolist(),
            sources[i % len(sources)],
            f"https://site-{i % 7}.example.org/{i}",
        )
        for i in range(count)
    ]


def write_dataset(
    folder: Path,
    languages: dict[str, list[Document]],
    *,
    dtype: str = "uint16",
    rows: int = 20,
    batches: int = 3,
    end: int | None = None,
    licences: dict[str, str] | None = None,
    vocabulary: int = 50_000,
    hosts: bool = True,
) -> dict[str, list[bytes]]:
    """`rows` documents a record batch, `batches` record batches a shard; without `hosts` as before there were any.

    Returns the ids of each language's documents in order.
    """
    sources = sorted({document.source for documents in languages.values() for document in documents})
    shards: dict[str, list[dict[str, object]]] = {}
    ids: dict[str, list[bytes]] = {}
    for language, documents in languages.items():
        ids[language] = [document.identity(language, i) for i, document in enumerate(documents)]
        whole = list(zip(documents, ids[language]))
        size = rows * batches
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        cut = [[piece[i : i + rows] for i in range(0, len(piece), rows)] for piece in pieces]
        shards[language] = [_shard(folder, language, one, dtype, sources, hosts) for one in cut]
    licences = licences or {}
    totals = {"bySource": {name: {"read": 1, "kept": 1, "tokens": 1, "licence": licences.get(name, "CC0-1.0")} for name in sources}}
    snapshot = {
        "format": "quern-snapshot/1",
        "version": 1,
        "tokenizer": {
            "name": "test",
            "sha256": "0" * 64,
            "vocabularySize": vocabulary,
            "dtype": dtype,
            "endOfDocument": end,
            "special": {},
        },
        "totals": totals,
        "shards": {language: [_put_page(folder, entries)] for language, entries in shards.items()},
    }
    _put(
        folder, "format.json", {"format": "quern-dataset", "major": 1, "datasetId": "0d8fb0a2-0000-4000-8000-000000000000", "features": []}
    )
    _put(folder, f"snapshots/{1:020d}.json", snapshot)
    return ids


def suppress(folder: Path, ids: list[bytes], name: str = "one") -> None:
    _put(folder, f"suppressed/{name}.json", {"ids": [identity.hex() for identity in ids]})


def _shard(
    folder: Path, language: str, batches: list[list[tuple[Document, bytes]]], dtype: str, sources: list[str], hosts: bool
) -> dict[str, object]:
    value = pa.uint16() if dtype == "uint16" else pa.uint32()
    fields = [
        pa.field("input_ids", pa.list_(pa.field("item", value, nullable=False)), nullable=False),
        pa.field("doc_id", pa.binary(16), nullable=False),
        pa.field("source_id", pa.uint16(), nullable=False),
        pa.field("n_bytes", pa.uint32(), nullable=False),
    ]
    schema = pa.schema(fields, metadata={"quern.format": "quern-shard/1", "language": language, "sources": json.dumps(sources)})
    sink = pa.BufferOutputStream()
    ends = []
    with pa.ipc.new_file(sink, schema) as writer:
        for rows in batches:
            arrays = [
                pa.array([document.tokens for document, _ in rows], schema.field(0).type),
                pa.array([identity for _, identity in rows], pa.binary(16)),
                pa.array([sources.index(document.source) for document, _ in rows], pa.uint16()),
                pa.array([1] * len(rows), pa.uint32()),
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            ends.append(sink.tell())
    content = sink.getvalue().to_pybytes()
    # The schema, a message without a body, stands between the magic and the first batch.
    starts = [16 + int.from_bytes(content[12:16], "little"), *ends[:-1]]
    places = [
        (start, end - start, len(rows), sum(len(document.tokens) for document, _ in rows))
        for start, end, rows in zip(starts, ends, batches)
    ]
    entry = _put_content(folder, "data", language, content)
    # A message says how long its metadata are behind the continuation marker.
    cut = [(at, 8 + int.from_bytes(content[at + 4 : at + 8], "little"), size, rows, tokens) for at, size, rows, tokens in places]
    urls = pa.table(
        {
            "doc_id": [identity for rows in batches for _, identity in rows],
            "url": [document.url for rows in batches for document, _ in rows],
        }
    )
    names = pa.table({"host": [urlsplit(document.url).hostname or "" for rows in batches for document, _ in rows]})
    return {
        **entry,
        "text": _put_content(folder, "text", language, _arrow(urls)),
        **({"hosts": _put_content(folder, "hosts", language, _arrow(names))} if hosts else {}),
        "language": language,
        "documents": sum(len(rows) for rows in batches),
        "tokens": sum(tokens for *_, tokens in cut),
        "textBytes": 1,
        "batches": [[at, meta, size - meta, rows, tokens] for at, meta, size, rows, tokens in cut],
        "absorbed": [],
    }


def _arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table, max_chunksize=17)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _put_content(folder: Path, place: str, language: str, content: bytes) -> dict[str, object]:
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"{place}/{sha256[:2]}/{language}-{sha256[:16]}.arrow"
    _write(folder / path, content)
    return {"path": path, "bytes": len(content), "sha256": sha256}


def _put_page(folder: Path, entries: list[dict[str, object]]) -> dict[str, object]:
    content = json.dumps(entries, sort_keys=True, separators=(",", ":")).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    _write(folder / f"lists/{sha256}.json", content)
    return {"path": f"lists/{sha256}.json", "bytes": len(content), "sha256": sha256, "entries": len(entries)}


def _put(folder: Path, path: str, value: object) -> None:
    _write(folder / path, json.dumps(value, sort_keys=True).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
