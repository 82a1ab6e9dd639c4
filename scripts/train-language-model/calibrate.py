"""Scores that mean what they say: one factor for the output matrix, found on sentences that were not trained on."""

import random

import noise
import numpy
from languages import NOISE
from normalise import normalise

# Texts a language, so that every language counts alike; lengths in sentences, as pages and comments have them.
TEXTS = 150
LENGTHS = (1, 1, 2, 4, 8, 16)


def as_pages(sentences: list[tuple[str, str]], seed: int) -> list[tuple[str, str]]:
    """Runs of 1 to 16 held-out sentences of one language, normalised, and as many lines of noise; shuffled."""
    rng = random.Random(seed)
    by_label: dict[str, list[str]] = {}
    for label, text in sentences:
        by_label.setdefault(label, []).append(text)
    made = [(NOISE, normalise(line)) for line in noise.lines(TEXTS, [text for _, text in sentences], seed)]
    for label, texts in sorted(by_label.items()):
        for _ in range(TEXTS if len(texts) >= 10 else 0):
            made.append((label, normalise(' '.join(rng.choices(texts, k=rng.choice(LENGTHS))))))
    rng.shuffle(made)
    return [(label, text) for label, text in made if text]


def outputs(model, texts: list[str]) -> numpy.ndarray:
    """Log probabilities, a row a text, in the order of the model's labels."""
    labels = {label: number for number, label in enumerate(model.labels)}
    table = numpy.full((len(texts), len(labels)), -20.0)
    for row, (names, scores) in enumerate(zip(*model.predict(texts, k=len(labels)))):
        for name, score in zip(names, scores):
            table[row, labels[name]] = numpy.log(max(score, 1e-9))
    return table


def temperature(model, sample: list[tuple[str, str]]) -> float:
    """The factor under which the held-out labels are likeliest."""
    logits = outputs(model, [text for _, text in sample])
    number = {label: at for at, label in enumerate(model.labels)}
    right = numpy.array([number[f'__label__{label}'] for label, _ in sample])

    def loss(factor: float) -> float:
        scaled = logits * factor
        scaled -= numpy.logaddexp.reduce(scaled, axis=1)[:, None]
        return -scaled[numpy.arange(len(right)), right].mean()

    factors = numpy.exp(numpy.linspace(numpy.log(0.2), numpy.log(2), 70))
    return float(min(factors, key=loss))


def calibration_error(scores: numpy.ndarray, right: numpy.ndarray, bins: int = 15) -> float:
    """Expected calibration error (Naeini et al. 2015): mean gap between score and accuracy over bins of equal width."""
    bin_of = numpy.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[bin_of == one].mean() - right[bin_of == one].mean()) * (bin_of == one).mean() for one in set(bin_of)]
    return float(sum(gaps))


def error(model, sample: list[tuple[str, str]]) -> float:
    names, scores = model.predict([text for _, text in sample])
    right = numpy.array([found[0] == f'__label__{label}' for found, (label, _) in zip(names, sample)])
    return calibration_error(numpy.array([min(float(score[0]), 1.0) for score in scores]), right)
