"""The dataset behind torch's DataLoader. Needs torch; nothing else in this package does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from .dataset import Dataset


def tensors_of(batch: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of a batch as tensors over the same memory; `cursor` and `max_seqlen` stay numbers."""
    return {name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value for name, value in batch.items()}


class TorchDataset(IterableDataset):  # type: ignore[misc]
    """A `Dataset` for a DataLoader with `batch_size=None`: batches are made by the dataset, each by one worker, in order.

    torchdata's StatefulDataLoader keeps the states of its workers, and loads them with as many workers only; `TorchLoader` has
    one state that fits any number.
    """

    def __init__(self, dataset: Dataset) -> None:
        super().__init__()
        self.dataset = dataset

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(tensors_of, self.dataset)

    def state_dict(self) -> dict[str, Any]:
        return self.dataset.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.dataset.load_state_dict(state)


class TorchLoader:
    """A DataLoader with `workers` processes whose state counts what was delivered, never what a worker read ahead.

    `options` go to torch's DataLoader (`pin_memory`, `prefetch_factor`, `multiprocessing_context`). Without workers batches are
    made in this process, which is enough where files are mapped.
    """

    def __init__(self, dataset: Dataset, workers: int = 0, **options: Any) -> None:
        self.dataset = dataset
        self._loader = DataLoader(TorchDataset(dataset), batch_size=None, num_workers=workers, **options)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self._loader:
            # Workers have copies of the dataset: this one learns from the batch where the run stands.
            self.dataset.load_state_dict(self.dataset.state_dict(batch))
            yield batch

    def state_dict(self) -> dict[str, Any]:
        return self.dataset.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.dataset.load_state_dict(state)
