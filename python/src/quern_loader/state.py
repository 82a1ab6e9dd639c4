"""Where a run stands: a few hundred bytes of JSON, the same on every rank, that fit any number of ranks and workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import LoaderError

VERSION = 1

_REMEDIES = {
    "snapshot": (
        "Open the snapshot of the state, Dataset(url, snapshot={value!r}): its order is what the state counts in, and what was suppressed "
        "since is hidden there too, its room in the order filled. To go on without it from here, keep the model, leave the state, and "
        "start a new epoch on this snapshot with another seed; quern trace tells what the run has seen of it."
    ),
    "snapshot_sha256": "The dataset was replaced by another one; open the one that the run began with.",
    "dataset": "Open the dataset that the run began with.",
    "plan_sha256": (
        "Languages, weights or the documents that are packed differ: to drop documents in the middle of a run, "
        "use exclude with hidden='mask', or quern suppress."
    ),
}


def check_state(state: Mapping[str, Any], expected: Mapping[str, Any]) -> int:
    """The cursor of a state; `state-mismatch` names the first thing in which its order differs from `expected`."""
    if state.get("v") != VERSION:
        raise LoaderError("state-mismatch", f"loading a state: it has version {state.get('v')}", f"This version reads version {VERSION}.")
    for name, value in expected.items():
        if state.get(name) != value:
            raise LoaderError(
                "state-mismatch",
                f"loading a state: its {name} is {state.get(name)!r}, and this dataset was opened with {value!r}",
                _REMEDIES.get(name, "Open the dataset with {name}={value!r}: another value is another order.").format(
                    name=name, value=state.get(name)
                ),
            )
    cursor = state.get("cursor")
    if not isinstance(cursor, int) or isinstance(cursor, bool) or cursor < 0:
        raise LoaderError("state-mismatch", f"loading a state: its cursor is {cursor!r}")
    return cursor
