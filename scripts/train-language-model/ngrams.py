"""How likely a word is in a language, by the character statistics of PyPI's lingua-language-detector 1.3.5 (Apache-2.0).

They were counted in news of the Leipzig corpora. They are kept only as weights: no n-gram becomes a training line.
"""

import json
import math
from pathlib import Path

import brotli

ORDERS = ('unigrams', 'bigrams', 'trigrams', 'quadrigrams', 'fivegrams')
# Given for each letter of context that has to be left out, and for a letter never seen.
SHORTER, UNSEEN = math.log(0.2), math.log(1e-5)


class Letters:
    """Log probabilities of a letter after up to four others."""

    def __init__(self, folder: Path) -> None:
        self.known: dict[str, float] = {}
        for order in ORDERS:
            text = brotli.decompress((folder / f'{order}.json.br').read_bytes())
            for fraction, found in json.loads(text)['ngrams'].items():
                above, below = fraction.split('/')
                share = math.log(int(above) / int(below))
                for ngram in found.split(' '):
                    self.known[ngram] = share

    def log_likelihood(self, word: str) -> float:
        total = 0.0
        for end in range(1, len(word) + 1):
            longest = max(0, end - 5)
            for start in range(longest, end):
                share = self.known.get(word[start:end])
                if share is not None:
                    total += share + SHORTER * (start - longest)
                    break
            else:
                total += UNSEEN
        return total


def shares(word: str, letters: dict[str, Letters], spelled: dict[str, str]) -> dict[str, float]:
    """How much of a word each of several relatives has; `spelled` where one writes it in another script.

    The root of the ratio: the letters of a word are not independent of each other.
    """
    found = {label: one.log_likelihood(spelled.get(label, word)) / 2 for label, one in letters.items()}
    highest = max(found.values())
    parts = {label: math.exp(value - highest) for label, value in found.items()}
    return {label: part / sum(parts.values()) for label, part in parts.items()}
