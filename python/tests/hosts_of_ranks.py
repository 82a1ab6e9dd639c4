"""Ranks of a data-parallel run as processes of their own, eight to a host, in step as a trainer's collectives hold them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from quern_loader import Dataset

RANKS_OF_A_HOST = 8

# Forked from a process that has imported everything and runs nothing: quick, and S3 clients begin behind the fork.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["hosts_of_ranks"])


def host(
    url: str, options: Mapping[str, Any], ranks: range, world: int, state: str | None, environment: dict[str, str], pipe: Connection
) -> None:
    """Answers every message with the rows that its ranks got at the next step, and the state behind it."""
    os.environ.update(environment)
    datasets = [Dataset(url, dp_rank=rank, dp_world_size=world, **options) for rank in ranks]
    for dataset in datasets:
        if state is not None:
            dataset.load_state_dict(json.loads(state))
    iterators = [iter(dataset) for dataset in datasets]
    while True:
        pipe.recv()
        batches = [next(iterator, None) for iterator in iterators]
        rows = [
            row.tolist()
            for batch in batches
            if batch is not None
            for row, mask in zip(batch["input_ids"], batch["loss_mask"])
            if mask.any()
        ]
        states = {json.dumps(dataset.state_dict()) for dataset in datasets}
        pipe.send((None if batches[0] is None else rows, states))


class Job:
    """A run on `world` ranks, from a saved state or the beginning."""

    def __init__(self, url: str, options: Mapping[str, Any], world: int, state: str | None = None) -> None:
        self.state = state
        self._hosts: list[tuple[Any, Connection]] = []
        for first in range(0, world, RANKS_OF_A_HOST):
            ranks = range(first, min(first + RANKS_OF_A_HOST, world))
            ours, theirs = CONTEXT.Pipe()
            process = CONTEXT.Process(target=host, args=(url, options, ranks, world, state, dict(os.environ), theirs), daemon=True)
            process.start()
            theirs.close()
            self._hosts.append((process, ours))

    def steps(self, count: int | None = None) -> list[list[int]]:
        """The rows of this many steps, or of all that are left, in the order of the samples."""
        rows: list[list[int]] = []
        while count is None or count > 0:
            self._begin()
            given, states = zip(*(pipe.recv() for _, pipe in self._hosts))
            if given[0] is None:
                assert not any(given), "one rank ended and another did not"
                break
            rows += [row for host_rows in given for row in host_rows]
            (self.state,) = set().union(*states)  # the same on every rank
            count = None if count is None else count - 1
        return rows

    def kill(self) -> None:
        """All hosts at once, in the middle of a step."""
        self._begin()
        for process, _ in self._hosts:
            os.kill(process.pid, signal.SIGKILL)
        for process, pipe in self._hosts:
            process.join()
            pipe.close()
            assert process.exitcode == -signal.SIGKILL

    def _begin(self) -> None:
        for _, pipe in self._hosts:
            pipe.send("step")
