"""What samples must be, the slow and obvious way."""

from __future__ import annotations

from dataclasses import dataclass

from small_dataset import Document


@dataclass(frozen=True)
class Expected:
    input_ids: list[int]
    targets: list[int | None]
    """The token to learn at each place; None where there is none."""
    position_ids: list[int]


def concatenated(documents: list[Document], seq_len: int, hidden: set[int] = frozenset(), fill: int = 0) -> list[Expected]:  # type: ignore[assignment]
    stream = [(number, place, token) for number, document in enumerate(documents) for place, token in enumerate(document.tokens)]
    samples = []
    for start in range(0, len(stream), seq_len):
        window = stream[start : start + seq_len + 1]
        ids, targets, positions = [], [], []
        position = 0
        for i, (number, _, token) in enumerate(window[:seq_len]):
            position = position + 1 if i and window[i - 1][0] == number else 0
            following = window[i + 1] if i + 1 < len(window) else None
            ids.append(fill if number in hidden else token)
            targets.append(following[2] if following is not None and following[0] == number and number not in hidden else None)
            positions.append(position)
        short = seq_len - len(ids)
        samples.append(Expected(ids + [fill] * short, targets + [None] * short, positions + list(range(short))))
    return samples
