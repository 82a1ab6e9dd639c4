"""The order is a permutation, has locality, and is the one that TypeScript computes."""

import json
from pathlib import Path

import numpy as np
import pytest

from quern_loader.errors import LoaderError
from quern_loader.mixture import MIX_BLOCK, Mixture, quotas, segments_of
from quern_loader.permutation import Permutation
from quern_loader.sample_order import SampleOrder

VECTORS = json.loads((Path(__file__).parents[2] / "test/dataset/sample-order.json").read_text())


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 1000, 65_537])
def test_every_value_stands_at_one_position(n: int) -> None:
    permutation = Permutation(n, f"p{n}")
    everything = np.arange(n)
    values = permutation(everything)
    assert sorted(values.tolist()) == everything.tolist()
    assert permutation.inverse(values).tolist() == everything.tolist()


def test_a_permutation_spreads_evenly() -> None:
    """Where 10,000 neighbours land, in 100 cells: chi-square with 99 degrees of freedom, far from both tails."""
    landed = Permutation(1_000_000, "spread")(np.arange(10_000)) // 10_000
    counts = np.bincount(landed, minlength=100)
    assert 50 < ((counts - 100) ** 2 / 100).sum() < 180
    steps = np.diff(Permutation(1_000_000, "steps")(np.arange(10_000)))
    assert abs(np.corrcoef(steps[:-1], steps[1:])[0, 1] + 0.5) < 0.05, "successive differences of independent values correlate by -1/2"


@pytest.mark.parametrize(
    ("n", "block", "window"),
    [(n, b, w) for n in (1, 7, 64, 1000, 1023, 1025) for b, w in ((1, 0), (1, 1), (7, 3), (64, 2), (5000, 4), (16, 1), (100, 100))],
)
def test_every_sample_comes_once_an_epoch(n: int, block: int, window: int) -> None:
    order = SampleOrder(n, 3, "de", block, window)
    epochs = [order(epoch, np.arange(n)) for epoch in (0, 1)]
    for samples in epochs:
        assert sorted(samples.tolist()) == list(range(n))
    if n > 60 and not (window == 1 and block == 1):
        assert epochs[0].tolist() != epochs[1].tolist()


def test_an_index_alone_gives_what_a_whole_epoch_gives() -> None:
    order = SampleOrder(5000, 9, "fr", 64, 4)
    whole = order(2, np.arange(5000))
    alone = [int(SampleOrder(5000, 9, "fr", 64, 4)(2, np.array([i]))[0]) for i in range(0, 5000, 97)]
    assert alone == whole[::97].tolist()


def test_a_window_has_few_blocks() -> None:
    block, window, n = 50, 8, 50 * 100 + 13
    samples = SampleOrder(n, 1, "it", block, window)(0, np.arange(n))
    seen = [len(set((samples[at : at + 400] // block).tolist())) for at in range(0, n - 400, 400)]
    assert max(seen) <= 2 * (2 * window - 1), "400 samples in a row lie in two windows at most"
    assert (
        max(np.flatnonzero(samples // block == b).max() - np.flatnonzero(samples // block == b).min() for b in range(100))
        < (2 * window - 1) * block
    )


def test_order_equals_the_vectors() -> None:
    for case in VECTORS["permutations"]:
        assert Permutation(case["n"], case["name"])(np.array(case["positions"])).tolist() == case["values"], case["name"]
    for case in VECTORS["orders"]:
        order = SampleOrder(case["samples"], case["seed"], case["name"], case["block"], case["window"])
        assert order(case["epoch"], np.array(case["indices"])).tolist() == case["values"], case
    for case in VECTORS["mixtures"]:
        segments = segments_of(case["names"], case["weights"])
        assert [quotas(segment.shares) for segment in segments] == case["quotas"]
        streams, counts = Mixture(case["seed"], segments)(np.array(case["indices"]))
        assert streams.tolist() == case["streams"]
        assert counts.tolist() == case["counts"]


def test_a_mixture_gives_exact_shares_and_every_sample_of_a_stream_in_turn() -> None:
    weights = [{"from": 0, "weights": {"a": 0.7, "b": 0.2, "c": 0.1}}, {"from": 2 * MIX_BLOCK - 5, "weights": {"a": 1, "c": 3}}]
    mixture = Mixture(5, segments_of(["a", "b", "c"], weights))
    streams, counts = mixture(np.arange(5 * MIX_BLOCK))
    first = np.bincount(streams[: 2 * MIX_BLOCK], minlength=3)
    assert first.tolist() == [2 * 2867, 2 * 819, 2 * 410]
    assert np.bincount(streams[2 * MIX_BLOCK :], minlength=3).tolist() == [3 * 1024, 0, 3 * 3072]
    for stream in range(3):
        mine = counts[streams == stream]
        assert sorted(mine.tolist()) == list(range(len(mine)))


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {"a": -1},
        {"a": 0},
        {"x": 1},
        {"a": float("nan")},
        [],
        [{"from": 5000, "weights": {"a": 1}}],
        [{"from": 0, "weights": {"a": 1}}, {"from": 1, "weights": {"a": 1}}, {"from": 2, "weights": {"a": 1}}],
        [{"weights": {"a": 1}}],
    ],
)
def test_wrong_weights_are_refused(weights: object) -> None:
    with pytest.raises(LoaderError) as caught:
        segments_of(["a", "b"], weights)  # type: ignore[arg-type]
    assert caught.value.code == "bad-argument"
