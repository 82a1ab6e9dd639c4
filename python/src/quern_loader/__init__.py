"""Reads token shards that Quern published: packed sequences, exact resume, any number of ranks."""

from .dataset import Dataset
from .errors import LoaderError

__all__ = ["Dataset", "LoaderError"]
