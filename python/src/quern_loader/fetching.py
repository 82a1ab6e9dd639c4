"""A pulled folder that completes itself: a shard that is not there is brought from where the folder was pulled."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from .errors import LoaderError
from .storage import LocalStorage, ObjectStorage, Storage

#: Bytes of one read while a shard is brought.
PIECE = 16 << 20


class FetchingStorage(LocalStorage):
    """A folder beside the dataset `source`. A shard comes whole, is checked against the hash in its name and put in place by
    a rename, so that ranks of one host may want it at once and a kill leaves no half of it under its name."""

    def __init__(self, folder: str, source: Storage) -> None:
        super().__init__(folder)
        self._source = source

    def buffer(self, key: str, offset: int, length: int) -> pa.Buffer:
        if key not in self._maps and not (Path(self.url) / key).exists():
            self._fetch(key)
        return super().buffer(key, offset, length)

    def open(self, key: str) -> pa.NativeFile:
        if not (Path(self.url) / key).exists():
            self._fetch(key)
        return super().open(key)

    def _fetch(self, key: str) -> None:
        named = re.search(r"-([0-9a-f]{16})\.arrow$", key)
        target = Path(self.url) / key
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with self._source.open(key) as file, open(part, "wb") as out:
                while piece := file.read(PIECE):
                    digest.update(piece)
                    out.write(piece)
            if named is None or not digest.hexdigest().startswith(named[1]):
                raise LoaderError(
                    "damaged-dataset",
                    f"fetching {key} from {self._source.url}: its SHA-256 is {digest.hexdigest()}",
                    "Run quern verify there.",
                )
            os.replace(part, target)
        except OSError as error:
            raise LoaderError("store-failed", f"fetching {key} from {self._source.url}: {error}") from error
        finally:
            part.unlink(missing_ok=True)

    def __getstate__(self) -> dict[str, object]:
        return {**super().__getstate__(), "_source": self._source}


def open_storage(url: str | os.PathLike[str], fetch_from: str | os.PathLike[str] | None = None) -> Storage:
    """A path, `file://` URL or `s3://bucket/prefix` (`?region=..&endpoint_override=..&scheme=http` as pyarrow reads them).

    Credentials come from where the AWS tools look for them; they never stand in a URL, a state or an error.
    """
    text = os.fspath(url)
    if text.startswith("file://"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            raise LoaderError("bad-argument", f"opening {text}: a file URL has three slashes", "Write file:///folder.")
        text = unquote(parts.path)
    if text.startswith("s3://") and fetch_from is None:
        return ObjectStorage(text)
    if "://" in text:
        raise LoaderError("bad-argument", f"opening {text}: only folders, file:// and s3:// can be read, and only folders completed")
    return LocalStorage(text) if fetch_from is None else FetchingStorage(text, open_storage(fetch_from))
