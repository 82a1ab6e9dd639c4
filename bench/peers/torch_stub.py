"""Stands for torch and what else the peers import and reading tokens does not use, so that a bench need not install gigabytes.

The peers' own code runs as it is released: indexes, order, files, decoding. A dtype is numpy's, `torch.frombuffer` and
`torch.from_numpy` give numpy arrays without a copy, there is one process and no worker.
"""

import importlib.abc
import importlib.machinery
import sys
import types

import numpy as np

STUBBED = ("torch", "torchvision", "transformers", "oci", "azure", "google", "paramiko", "matplotlib", "cryptography", "torchdata")


class _Anything(type):
    """A class whose attributes are such classes too: base classes, decorators and annotations of what is never called."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name, (), {})

    def __or__(cls, other):
        return object

    def __ror__(cls, other):
        return object

    def __getitem__(cls, item):
        return cls


class _Stub(types.ModuleType):
    __path__: list = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Anything(name, (), {})
        setattr(self, name, made)
        return made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in STUBBED:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return _Stub(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, _Finder())

import torch  # noqa: E402
import torch.distributed  # noqa: E402
import torch.utils.data  # noqa: E402

torch.__version__ = "2.4.0"
for _name in ("uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "uint16", "uint32", "uint64"):
    setattr(torch, _name, np.dtype(_name))
torch.float, torch.double, torch.half, torch.short, torch.int, torch.long = torch.float32, torch.float64, torch.float16, torch.int16, torch.int32, torch.int64
torch.bool = np.dtype("bool")
torch.frombuffer = lambda buffer, dtype, count=-1, offset=0: np.frombuffer(buffer, dtype=dtype, count=count, offset=offset)
torch.from_numpy = torch.as_tensor = torch.tensor = lambda array, **_: np.asarray(array)
torch.Tensor = type("Tensor", (), {})
torch.cuda.is_available = lambda: False
torch.cuda.device_count = lambda: 0
for _name in ("is_available", "is_initialized"):
    setattr(torch.distributed, _name, lambda: False)
torch.utils.data.get_worker_info = lambda: None
for _name in ("Dataset", "IterableDataset", "DataLoader"):
    setattr(torch.utils.data, _name, type(_name, (), {"__class_getitem__": classmethod(lambda cls, item: cls)}))
