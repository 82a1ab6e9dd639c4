"""Documents that must not be given out: the dataset's suppressions, and what this run excludes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import LoaderError
from .snapshot import Shard, Snapshot
from .storage import Storage

Rows = npt.NDArray[np.bool_]

#: The host of a URL, without user, port and scheme.
_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/:?#]*)"


def read_suppressed(storage: Storage) -> set[bytes]:
    """16-byte ids: the union of all files under `suppressed/`, or of `suppressed.json` in a pulled folder.

    A file that does not parse stops the reader (`damaged-dataset`): giving out what should be hidden is worse than nothing.
    """
    ids: set[bytes] = set()
    for key in [*storage.keys("suppressed/"), "suppressed.json"]:
        content = storage.find(key) if key.endswith(".json") else None
        if content is None:
            continue
        try:
            named = json.loads(content)["ids"]
            if not all(re.fullmatch("[0-9a-f]{32}", name) for name in named):
                raise ValueError(key)
        except (ValueError, KeyError, TypeError):
            raise LoaderError(
                "damaged-dataset", f"reading {key}: it is no list of suppressed documents", "Run quern verify on the dataset."
            ) from None
        ids.update(bytes.fromhex(name) for name in named)
    return ids


class Hiding:
    """Says which rows of a record batch are hidden.

    `exclude` has lists of names under `source`, `host` (with all its subdomains) and `licence` (of a source, as the snapshot
    states it). Raises `bad-argument` for other kinds and for sources that the snapshot does not have.
    """

    def __init__(self, storage: Storage, snapshot: Snapshot, exclude: Mapping[str, Iterable[str]] | None) -> None:
        self._storage = storage
        wanted = {kind: set(names) for kind, names in (exclude or {}).items() if names}
        if set(wanted) - {"source", "host", "licence"} or any(isinstance(names, str) for names in (exclude or {}).values()):
            raise LoaderError("bad-argument", f"exclude: {exclude!r} is not {{'source': [...], 'host': [...], 'licence': [...]}}")
        for kind, known in (("source", set(snapshot.licences)), ("licence", set(snapshot.licences.values()))):
            if missing := sorted(wanted.get(kind, set()) - known):
                raise LoaderError(
                    "bad-argument", f"exclude: no {kind} is named {', '.join(missing)}", f"There are: {', '.join(sorted(known))}."
                )
        licences = wanted.get("licence", set())
        self._sources = wanted.get("source", set()) | {name for name, licence in snapshot.licences.items() if licence in licences}
        self._hosts = {host.lower().rstrip(".") for host in wanted.get("host", set())}
        blind = [shard.path for shards in snapshot.shards.values() for shard in shards if shard.hosts is None and shard.text is None]
        if self._hosts and blind:
            raise LoaderError(
                "bad-argument",
                f"exclude: {len(blind)} shards, the first of them {blind[0]}, are from before hosts were kept beside shards, "
                "and this folder was pulled without the kept text",
                "Pull again with --with-text, or open the dataset itself.",
            )
        self._suppressed = read_suppressed(storage)
        self._prefixes = np.sort(np.array([int.from_bytes(name[:8], "little") for name in self._suppressed], dtype=np.uint64))
        self._by_host: dict[str, Rows] = {}

    @property
    def nothing(self) -> bool:
        return not self._suppressed and not self._sources and not self._hosts

    def fingerprint(self) -> str:
        """Names what is hidden: a plan that leaves it out is another plan when this changes."""
        named = [sorted(name.hex() for name in self._suppressed), sorted(self._sources), sorted(self._hosts)]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()

    def rows(
        self, shard: Shard, first_row: int, doc_ids: npt.NDArray[np.uint8], source_ids: npt.NDArray[np.uint16], sources: list[str]
    ) -> Rows | None:
        """True a row where hidden, for rows from `first_row` of the shard; None where none is. `doc_ids` has shape (rows, 16)."""
        hidden = np.zeros(len(source_ids), dtype=np.bool_)
        if self._suppressed:
            # Half an id by binary search first: suppressed documents are few, and a set lookup a row is slow.
            for row in np.flatnonzero(np.isin(doc_ids[:, :8].copy().view(np.uint64)[:, 0], self._prefixes)):
                hidden[row] = doc_ids[row].tobytes() in self._suppressed
        if self._sources:
            ids = [number for number, name in enumerate(sources) if name in self._sources]
            hidden |= np.isin(source_ids, np.array(ids, dtype=np.uint16))
        if self._hosts:
            hidden |= self._rows_of_hosts(shard)[first_row : first_row + len(hidden)]
        return hidden if hidden.any() else None

    def _rows_of_hosts(self, shard: Shard) -> Rows:
        known = self._by_host.get(shard.path)
        if known is None:
            hosts = pc.dictionary_encode(pc.utf8_lower(self._hosts_of(shard))).combine_chunks()
            hits = np.array([self._is_excluded(name) for name in hosts.dictionary.to_pylist()], dtype=np.bool_)
            places = np.frombuffer(pc.fill_null(hosts.indices, -1).buffers()[1], dtype="<i4", count=len(hosts))
            known = self._by_host[shard.path] = np.append(hits, False)[places]
        return known

    def _is_excluded(self, host: str) -> bool:
        labels = host.rstrip(".").split(".")
        return any(".".join(labels[i:]) in self._hosts for i in range(len(labels)))

    def _hosts_of(self, shard: Shard) -> pa.ChunkedArray:
        """From the file of hosts, or from the addresses in the kept text where there is none."""
        try:
            if shard.hosts is not None:
                hosts = self._column(shard.hosts, 0, "host")
            elif shard.text is not None:
                hosts = pc.struct_field(pc.extract_regex(self._column(shard.text, 1, "url"), _HOST), "host")
            else:
                raise ValueError("it has neither hosts nor kept text beside it")
            if len(hosts) != shard.documents:
                raise ValueError(f"beside it lie {len(hosts)} hosts, and it has {shard.documents} documents")
        except OSError as error:
            raise LoaderError("store-failed", f"excluding hosts of {shard.path}: {error}") from error
        except (pa.ArrowException, ValueError, KeyError) as error:
            raise LoaderError("damaged-dataset", f"excluding hosts of {shard.path}: {error}", "Run quern verify on the dataset.") from error
        return hosts

    def _column(self, key: str, number: int, name: str) -> pa.ChunkedArray:
        with self._storage.open(key) as file:
            return pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=[number])).read_all().column(name)
