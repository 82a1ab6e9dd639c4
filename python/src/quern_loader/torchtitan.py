"""A data loader for torchtitan 0.3: name `QuernDataLoader.Config` where a config registry names a data loader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torchtitan.components.dataloader import BaseDataLoader

from .dataset import Dataset
from .errors import LoaderError


class QuernDataLoader(BaseDataLoader):  # type: ignore[misc]
    """Yields `({"input": ids, "positions": positions}, labels)`, int64 tensors of shape (local_batch_size, seq_len).

    The labels are shifted already; where nothing is to be learnt they are -100, torchtitan's index to ignore. Unlike its own
    loaders this one resumes on another number of data-parallel ranks: the state has one key for all of them.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(BaseDataLoader.Config):  # type: ignore[misc]
        url: str
        """Folder or `s3://` prefix of the dataset."""
        snapshot: int | str | None = None
        seed: int = 0
        infinite: bool = True
        """Go on into the next epoch without a seam."""
        options: dict[str, Any] = field(default_factory=dict)
        """What else `quern_loader.Dataset` takes: weights, packing, exclude, shuffle_window and so on."""

    def __init__(self, config: Config, *, dp_world_size: int, dp_rank: int, seq_len: int, local_batch_size: int, **_: Any) -> None:
        self.dataset = Dataset(
            config.url,
            config.snapshot,
            seq_len=seq_len,
            seed=config.seed,
            dp_rank=dp_rank,
            dp_world_size=dp_world_size,
            batch_size=local_batch_size,
            repeat=config.infinite,
            fields=("input_ids", "labels", "position_ids"),
            **config.options,
        )

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        for batch in self.dataset:
            inputs = {"input": torch.from_numpy(batch["input_ids"]), "positions": torch.from_numpy(batch["position_ids"]).long()}
            yield inputs, torch.from_numpy(batch["labels"])

    def state_dict(self) -> dict[str, Any]:
        return {"quern_loader": json.dumps(self.dataset.state_dict())}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        if not state_dict:  # torchtitan loads an empty state when a checkpoint has none
            return
        if "quern_loader" not in state_dict:
            raise LoaderError(
                "state-mismatch", f"loading a state: it has {', '.join(sorted(state_dict))}", "It is the state of another data loader."
            )
        self.dataset.load_state_dict(json.loads(state_dict["quern_loader"]))
