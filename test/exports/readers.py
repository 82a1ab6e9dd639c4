"""Lets the peers' readers run as they are released, without torch and its gigabytes: bench/peers/torch_stub.py stands for it.

Usage: readers.py BENCH_PEERS CODE. CODE is Python that leaves something for JSON in a variable `result`, which is printed;
`ids` makes a list of numbers of what a reader gives.
"""

import importlib
import importlib.machinery
import json
import os
import pathlib
import sys
import types

sys.path.insert(0, sys.argv[1])

import numpy as np
import torch_stub

torch = torch_stub.torch
# What these packages import besides torch and never use to read tokens from a local folder.
torch_stub.STUBBED += ("snappy", "zstd", "obstore", "tifffile", "psutil", "cached_path", "omegaconf", "dataclass_extensions", "beaker", "bettermap", "importlib_resources")


def bare(name):
    """A package whose modules can be imported though its __init__, which imports a whole trainer, is not run."""
    parent, _, own = name.rpartition(".")
    path = importlib.import_module(parent).__path__ if parent else None
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    module = types.ModuleType(name)
    module.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = module
    if parent:
        setattr(sys.modules[parent], own, module)
    return module


def like_numpy(function):
    return lambda value, *more, dtype=None, dim=None, **_: function(value, *more, **({} if dtype is None else {"dtype": dtype}), **({} if dim is None else {"axis": dim}))


for name in ("ones", "cumsum"):
    setattr(torch, name, like_numpy(getattr(np, name)))
torch.ones_like, torch.cat, torch.where = np.ones_like, np.concatenate, np.where


class Tensor(np.ndarray):
    """An array with the two methods of a tensor that numpy spells otherwise."""

    def nonzero(self, as_tuple=True):
        return tuple(axis.view(Tensor) for axis in np.ndarray.nonzero(self))

    def to(self, dtype):
        return self.astype(dtype)


torch.Tensor = Tensor
torch.tensor = torch.as_tensor = lambda value, dtype=None, **_: np.asarray(value, dtype=dtype).view(Tensor)

import cached_path  # noqa: E402
import snappy  # noqa: E402

snappy.compress = bytes  # fsspec tries it out
cached_path.cached_path = lambda path, **_: pathlib.Path(path)  # of a file that is here: the file


def plain(function=None, **_):
    """A decorator that compiles, or does not: nothing is compiled here."""
    return function if callable(function) else plain


torch.compile = torch.compiler.disable = torch.jit.script = torch.no_grad = plain

for package in ("megatron", "megatron.core", "megatron.core.datasets"):
    bare(package)
utils = types.ModuleType("megatron.core.utils")
utils.log_single_rank = lambda *_, **__: None
sys.modules["megatron.core.utils"] = utils

if "olmo_core" in sys.argv[2]:
    bare("olmo_core.data")
    from olmo_core.data.numpy_dataset import NumpyFSLDataset

    sys.modules["olmo_core.data"].NumpyFSLDataset = NumpyFSLDataset


def ids(tokens):
    return np.asarray(tokens).tolist()


scope = {"ids": ids, "np": np}
exec(sys.argv[2], scope)
print("\n" + json.dumps(scope["result"]))
sys.stdout.flush()
os._exit(0)  # some leave threads and shared memory behind that wait for a trainer
