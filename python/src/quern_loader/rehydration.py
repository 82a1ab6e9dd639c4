"""How often a document comes in an epoch, by how many documents it stands for: what deduplication removed is a signal too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .errors import LoaderError
from .storage import Storage

Counts = npt.NDArray[np.int64]


class Rehydration:
    """`steps` maps sizes to repeats: `{2: 2, 10: 3, 1000: 1}` gives documents that stand for 2 to 9 (themselves and the duplicates
    dropped for them) twice, for 10 to 999 three times, and others once; 0 leaves them out. FineWeb2 (Penedo et al. 2025) upsamples so.

    `files` are the snapshot's files of group sizes, whose sums count. Memory: 20 bytes for each document that stands for several.
    Raises `bad-argument`, `not-here`, `damaged-dataset`, `store-failed`.
    """

    def __init__(self, storage: Storage, files: list[str], steps: Mapping[int, int]) -> None:
        if not steps or any(not isinstance(n, int) or isinstance(n, bool) for n in [*steps, *steps.values()]):
            raise LoaderError("bad-argument", f"rehydrate: {steps!r} is not {{documents it stands for: times it comes, ...}}")
        if min(steps) < 1 or min(steps.values()) < 0 or max(steps.values()) > 1000:
            raise LoaderError("bad-argument", f"rehydrate: {steps!r}: sizes are 1 or more, and repeats 0 to 1000")
        self._sizes = np.array(sorted(steps), dtype=np.int64)
        self._repeats = np.array([1, *(steps[size] for size in sorted(steps))], dtype=np.int64)
        self.most = int(self._repeats.max())
        ids, members = [np.empty(0, dtype="S16")], [np.empty(0, dtype=np.int64)]
        for key in files:
            # Fixed strings of 16 bytes compare like the bytes: both sides are filled up with zeros.
            one, counts = _read(storage, key)
            ids.append(one)
            members.append(counts)
        every = np.concatenate(ids)
        self._ids, places = np.unique(every, return_inverse=True)
        self._members = np.bincount(places, weights=np.concatenate(members), minlength=len(self._ids)).astype(np.int64)

    def repeats(self, doc_ids: npt.NDArray[np.uint8]) -> Counts:
        """Times that each document comes, for ids of shape (rows, 16)."""
        stands_for = np.ones(len(doc_ids), dtype=np.int64)
        if len(self._ids) > 0 and len(doc_ids) > 0:
            wanted = np.ascontiguousarray(doc_ids).view("S16")[:, 0]
            places = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
            stands_for += np.where(self._ids[places] == wanted, self._members[places], 0)
        found: Counts = self._repeats[np.searchsorted(self._sizes, stands_for, side="right")]
        return found


def _read(storage: Storage, key: str) -> tuple[npt.NDArray[np.bytes_], Counts]:
    try:
        with storage.open(key) as file:
            table = pa.ipc.open_file(file).read_all().combine_chunks()
        rows = table.num_rows
        if rows == 0:
            return np.empty(0, dtype="S16"), np.empty(0, dtype=np.int64)
        ids = np.frombuffer(table.column("doc_id").chunk(0).buffers()[1], dtype="S16", count=rows)
        return ids, np.frombuffer(table.column("members").chunk(0).buffers()[1], dtype="<u4", count=rows).astype(np.int64)
    except OSError as error:
        raise LoaderError("store-failed", f"rehydrating: reading {key}: {error}") from error
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise LoaderError("damaged-dataset", f"rehydrating: reading {key}: {error}", "Run quern verify on the dataset.") from error
