"""Trains pipelines/models/quern-lid.ftz. See README.md for what it takes and gives.

    python scripts/train-language-model/train.py --build BUILD --ud FOLDER --out pipelines/models/quern-lid.ftz
"""

import argparse
import json
import struct
from pathlib import Path

import fasttext
import numpy

import corpus
from calibrate import as_pages, error, temperature
from packages import fetch

SETTINGS = dict(lr=0.5, epoch=4, dim=16, minn=2, maxn=4, bucket=500_000, minCount=20, loss='softmax', thread=1, seed=1)
# Rows of the input matrix that are kept, the longest first: most of the size, little of the accuracy.
ROWS = 250_000


def held_out(build: Path, treebanks: Path) -> list[tuple[str, str]]:
    """(label, text) of the sentences that no training line holds."""
    texts = corpus.read_texts(build, treebanks)
    return [
        (label, text)
        for label in texts
        for text, source in texts[label].items()
        if (source == 'ud' or source.startswith('udhr')) and corpus.held_out(text)
    ]


def scale_output(path: Path, factor: float) -> None:
    """Multiplies the output matrix, the last thing in the file, so that scores are neither over- nor under-confident."""
    data = bytearray(path.read_bytes())
    model = fasttext.load_model(str(path))
    rows, dim = len(model.labels), model.get_dimension()
    size = rows * dim * 4
    head = len(data) - size
    if struct.unpack_from('<qq', data, head - 16) != (rows, dim):
        raise ValueError('the file does not end with a dense output matrix of the expected shape')
    matrix = numpy.frombuffer(bytes(data[head:]), '<f4') * numpy.float32(factor)
    data[head:] = matrix.astype('<f4').tobytes()
    path.write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', type=Path, required=True, help='folder for packages and training lines, about 4 GB; what it has is not made again')
    parser.add_argument('--ud', type=Path, required=True, help='folder of xx.txt.gz: sentences of Universal Dependencies')
    parser.add_argument('--out', type=Path, required=True)
    given = parser.parse_args()
    given.build.mkdir(parents=True, exist_ok=True)
    lines, dense = given.build / 'lines.txt', given.build / 'dense.bin'
    if not (given.build / 'texts.tsv').exists():
        (given.build / 'packages.json').write_text(json.dumps(fetch(given.build), indent=1))
    if not lines.exists():
        partial = lines.with_suffix('.part')
        counts = corpus.write(given.build, given.ud, partial)
        partial.rename(lines)
        print(f'{sum(counts.values()):,} lines')
    if not dense.exists():
        partial = dense.with_suffix('.part')
        fasttext.train_supervised(str(lines), verbose=0, **SETTINGS).save_model(str(partial))
        partial.rename(dense)
    model = fasttext.load_model(str(dense))
    model.quantize(cutoff=ROWS, dsub=2, qnorm=True, retrain=False, verbose=False)
    model.save_model(str(given.out))
    # Half of the sentences tells the factor, the other half what it is worth: no sentence is in both.
    sentences = held_out(given.build, given.ud)
    fitted, seen = as_pages(sentences[::2], seed=5), as_pages(sentences[1::2], seed=6)
    model = fasttext.load_model(str(given.out))
    before, factor = error(model, seen), temperature(model, fitted)
    scaled = given.out.with_suffix('.scaled')
    scaled.write_bytes(given.out.read_bytes())
    scale_output(scaled, factor)
    after = error(fasttext.load_model(str(scaled)), seen)
    if after < before:
        scaled.replace(given.out)
    else:
        scaled.unlink()
    print(
        f'{given.out}: {given.out.stat().st_size:,} bytes; calibration error {before:.4f}, with the output scaled by {factor:.3f} {after:.4f}: '
        + ('scaled' if after < before else 'left as it is')
    )


if __name__ == '__main__':
    main()
