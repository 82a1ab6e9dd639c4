"""Where a dataset lies: a local folder, or a bucket, behind one small interface."""

from __future__ import annotations

import json
import os
import shlex
from collections import OrderedDict
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.fs

from .errors import LoaderError


class Storage(Protocol):
    """Objects by key. Errors are `not-found` and `store-failed`, and name the object."""

    url: str
    #: True where `buffer` maps a file: reading it costs nothing until a page is touched.
    mapped: bool

    def find(self, key: str) -> bytes | None:
        """A whole small object, or None."""

    def keys(self, prefix: str) -> list[str]:
        """All keys below a prefix that ends in a slash, sorted."""

    def buffer(self, key: str, offset: int, length: int) -> pa.Buffer:
        """Bytes of an object; a view of the mapped file where that is possible. One request elsewhere."""

    def open(self, key: str) -> pa.NativeFile:
        """An object to read here and there; to be closed."""


class LocalStorage:
    """A folder. Files are mapped; what was handed out is a view and keeps its file mapped, whatever is forgotten here."""

    #: Mappings kept; Linux allows a process 65,530 of all kinds.
    MAPS = 4096

    mapped = True

    def __init__(self, folder: str) -> None:
        self.url = str(Path(folder).resolve())
        self._maps: OrderedDict[str, pa.Buffer] = OrderedDict()

    def find(self, key: str) -> bytes | None:
        try:
            return (Path(self.url) / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LoaderError("store-failed", f"reading {key} of {self.url}: {error.strerror}") from error

    def keys(self, prefix: str) -> list[str]:
        try:
            return sorted(prefix + name for name in os.listdir(Path(self.url) / prefix))
        except FileNotFoundError:
            return []

    def buffer(self, key: str, offset: int, length: int) -> pa.Buffer:
        whole = self._maps.get(key)
        if whole is None:
            path = Path(self.url) / key
            try:
                if path.stat().st_size == 0:
                    raise LoaderError("damaged-dataset", f"reading {key}: it is empty", "Run quern verify on the dataset.")
                with pa.memory_map(str(path)) as file:
                    whole = self._maps[key] = file.read_buffer()
            except FileNotFoundError:
                raise LoaderError("not-here", f"reading {key}: it is not in {self.url}", self._how_to_complete()) from None
            except OSError as error:
                raise LoaderError("store-failed", f"mapping {key} of {self.url}: {error}") from error
            while len(self._maps) > self.MAPS:
                self._maps.popitem(last=False)
        if offset + length > whole.size:
            raise LoaderError(
                "damaged-dataset", f"reading {key}: it ends before byte {offset + length}", "Run quern verify on the dataset."
            )
        return whole.slice(offset, length)

    def open(self, key: str) -> pa.NativeFile:
        try:
            return pa.memory_map(str(Path(self.url) / key))
        except OSError as error:
            raise LoaderError("not-here", f"reading {key} of {self.url}: {error}", self._how_to_complete()) from error

    def _how_to_complete(self) -> str:
        """The command that brings what a pulled folder lacks, as its manifest tells it."""
        try:
            manifest = json.loads((Path(self.url) / "manifest.json").read_bytes())
            command = ["quern", "pull", manifest["pulledFrom"], self.url, "--snapshot", str(manifest["version"])]
            if set(manifest["shards"]) != set(manifest["totals"]["byLanguage"]):
                command += [word for language in sorted(manifest["shards"]) for word in ("--language", language)]
            command += ["--with-text"] if manifest["withText"] else []
        except (OSError, ValueError, KeyError, TypeError):
            return "Run quern verify on the dataset."
        return (
            f"This folder was pulled for another rank or number of ranks. Bring the rest: {shlex.join(command)}; "
            "or give fetch_from, and what is missing is brought when it is read."
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "_maps": OrderedDict()}


class ObjectStorage:
    """A prefix of an S3 bucket, through pyarrow's client."""

    mapped = False

    #: Objects kept open.
    FILES = 256

    def __init__(self, url: str, filesystem: Any = None, attempts: int = 5) -> None:
        parts = urlsplit(url)
        self.url = f"s3://{parts.netloc}{parts.path}".rstrip("/")
        self._root = f"{parts.netloc}{parts.path}".rstrip("/")
        self._attempts = attempts
        if filesystem is None:
            allowed = {"region", "endpoint_override", "scheme"}
            given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            if set(given) - allowed:
                unknown = ", ".join(sorted(set(given) - allowed))
                raise LoaderError(
                    "bad-argument", f"opening {self.url}: {unknown} is no option", f"The options are {', '.join(sorted(allowed))}."
                )
            endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
            if endpoint and "endpoint_override" not in given:
                given["scheme"], given["endpoint_override"] = endpoint.split("://", 1) if "://" in endpoint else ("https", endpoint)
            if "region" not in given and (region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")):
                given["region"] = region
            filesystem = pyarrow.fs.S3FileSystem(
                **given,
                connect_timeout=10,
                request_timeout=60,
                retry_strategy=pyarrow.fs.AwsStandardS3RetryStrategy(max_attempts=attempts),
            )
        self._filesystem = filesystem
        self._files: dict[str, pa.NativeFile] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_files": {}}

    def find(self, key: str) -> bytes | None:
        try:
            with self._filesystem.open_input_file(f"{self._root}/{key}") as file:
                content: bytes = file.read()
                return content
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(key, error) from error

    def keys(self, prefix: str) -> list[str]:
        try:
            selector = pyarrow.fs.FileSelector(f"{self._root}/{prefix}".rstrip("/"), allow_not_found=True, recursive=False)
            return sorted(info.path[len(self._root) + 1 :] for info in self._filesystem.get_file_info(selector))
        except OSError as error:
            raise self._failed(prefix, error) from error

    def buffer(self, key: str, offset: int, length: int) -> pa.Buffer:
        place = f"{key}, bytes {offset} to {offset + length}"
        try:
            # Kept open: each opening is a request of its own. `read_at` is for many threads at once.
            file = self._files.get(key)
            if file is None:
                if len(self._files) > self.FILES:
                    self._files.clear()
                file = self._files[key] = self._filesystem.open_input_file(f"{self._root}/{key}")
            buffer = pa.py_buffer(file.read_at(length, offset))
        except FileNotFoundError:
            raise LoaderError("not-found", f"reading {place}: it is not in {self.url}", "Run quern verify on the dataset.") from None
        except OSError as error:
            raise self._failed(place, error) from error
        if buffer.size != length:
            raise LoaderError("store-failed", f"reading {place} of {self.url}: {buffer.size} bytes came")
        return buffer

    def open(self, key: str) -> pa.NativeFile:
        try:
            return self._filesystem.open_input_file(f"{self._root}/{key}")
        except FileNotFoundError:
            raise LoaderError("not-found", f"reading {key}: it is not in {self.url}", "Run quern verify on the dataset.") from None
        except OSError as error:
            raise self._failed(key, error) from error

    def _failed(self, place: str, error: OSError) -> LoaderError:
        return LoaderError("store-failed", f"reading {place} of {self.url}, {self._attempts} attempts: {error}")
