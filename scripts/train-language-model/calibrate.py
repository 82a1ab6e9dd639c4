"""Scores that mean what they say: one factor for the output matrix, found on sentences that were not trained on."""

import numpy


def outputs(model, texts: list[str]) -> numpy.ndarray:
    """Log probabilities, a row a text, in the order of the model's labels."""
    labels = {label: number for number, label in enumerate(model.labels)}
    table = numpy.full((len(texts), len(labels)), -20.0)
    for row, (names, scores) in enumerate(zip(*model.predict(texts, k=len(labels)))):
        for name, score in zip(names, scores):
            table[row, labels[name]] = numpy.log(max(score, 1e-9))
    return table


def temperature(model, sample: list[tuple[str, str]], most_per_label: int = 300) -> float:
    """The factor under which the held-out labels are likeliest, every language counting alike."""
    taken: dict[str, int] = {}
    chosen = []
    for label, text in sample:
        taken[label] = taken.get(label, 0) + 1
        if taken[label] <= most_per_label:
            chosen.append((label, text))
    logits = outputs(model, [text for _, text in chosen])
    number = {label: at for at, label in enumerate(model.labels)}
    right = numpy.array([number[f'__label__{label}'] for label, _ in chosen])
    weight = numpy.array([1 / min(taken[label], most_per_label) for label, _ in chosen])

    def loss(factor: float) -> float:
        scaled = logits * factor
        scaled -= numpy.logaddexp.reduce(scaled, axis=1)[:, None]
        return -(weight * scaled[numpy.arange(len(right)), right]).sum()

    factors = numpy.exp(numpy.linspace(numpy.log(0.2), numpy.log(2), 70))
    return float(min(factors, key=loss))


def calibration_error(scores: numpy.ndarray, right: numpy.ndarray, bins: int = 15) -> float:
    """Expected calibration error (Naeini et al. 2015): mean gap between score and accuracy over bins of equal width."""
    bin_of = numpy.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[bin_of == one].mean() - right[bin_of == one].mean()) * (bin_of == one).mean() for one in set(bin_of)]
    return float(sum(gaps))
