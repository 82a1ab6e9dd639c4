"""The run of the issue: 64, then 48, then 96 ranks, real processes and real kills, from a folder and from a bucket."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hosts_of_ranks import Job

OPTIONS = {"seq_len": 16, "seed": 11, "batch_size": 1, "shuffle_block": 16, "shuffle_window": 4}


def digest(rows: list[list[int]]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_64_48_and_96_ranks_with_two_kills_see_what_an_undisturbed_run_sees(bucket: tuple[str, Path], place: str) -> None:
    url = str(bucket[place == "folder"])
    undisturbed = Job(url, OPTIONS, 1)
    expected = undisturbed.steps()
    undisturbed.kill()
    rows: list[list[int]] = []
    saved = None
    for world, steps in ((64, 3), (48, 4)):
        job = Job(url, OPTIONS, world, saved)
        rows += job.steps(steps)
        saved = job.state
        job.steps(1)  # goes with the kill: nobody saved a state behind it
        job.kill()
    last = Job(url, OPTIONS, 96, saved)
    rows += last.steps()
    last.kill()
    assert len(rows) == len(expected) > 1000
    assert digest(rows) == digest(expected)
