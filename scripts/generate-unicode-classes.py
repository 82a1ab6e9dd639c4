"""Writes native/src/kernels/tokenizer/unicode_classes.rs and bert_classes.rs from what the reference itself matches.

The character classes of the pre-tokenizers' patterns (`\\p{L}`, `\\p{N}`, `\\s`, ...) depend on a Unicode version. Ours must be the
one inside Hugging Face `tokenizers`, so every code point is put to that library and its answers become the table.
usage: python scripts/generate-unicode-classes.py     (needs `tokenizers`; 0.23.3 answers with Unicode 16.0)
"""

import itertools
import pathlib

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# Letter -> pattern, in the order in which they are asked; what none matches is O, "other".
CLASSES = {
    "U": r"[\p{Lu}\p{Lt}]",
    "L": r"\p{Ll}",
    "B": r"[\p{Lm}\p{Lo}]",
    "M": r"\p{M}",
    "N": r"\p{N}",
    "R": r"[\r\n]",
    "S": r"\s",
}


def members(pattern):
    split = pre_tokenizers.Split(Regex(pattern), "removed")
    found = set()
    for i in range(0, len(CODE_POINTS), 4096):
        text = "".join(map(chr, CODE_POINTS[i : i + 4096]))
        found |= set(text) - set("".join(piece for piece, _ in split.pre_tokenize_str(text)))
    return found


def run_lengths(class_of):
    runs = ((k, len(list(g))) for k, g in itertools.groupby(range(0x110000), lambda c: class_of.get(c, "O")))
    return "".join(letter + (str(n) if n > 1 else "") for letter, n in runs)


def write(name, runs):
    lines = [runs[i : i + 128] for i in range(0, len(runs), 128)]
    target = pathlib.Path(__file__).parent.parent / "native/src/kernels/tokenizer" / name
    head, rest = target.read_text().split('const RUNS: &str = "\\\n')
    _, tail = rest.split('";\n', 1)
    target.write_text(head + 'const RUNS: &str = "\\\n' + "".join(f"    {line}\\\n" for line in lines[:-1]) + f'    {lines[-1]}";\n' + tail)
    print(f"{target}: {len(runs)} characters, from tokenizers {tokenizers.__version__}")


class_of = {}
for letter, pattern in CLASSES.items():
    for c in members(pattern):
        class_of.setdefault(ord(c), letter)
write("unicode_classes.rs", run_lengths(class_of))

clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
strip = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
words = pre_tokenizers.BertPreTokenizer()
bert_class_of = {}
for c in CODE_POINTS:
    if clean.normalize_str(chr(c)) == "":
        bert_class_of[c] = "X"
    elif strip.normalize_str(chr(c)) == "":
        bert_class_of[c] = "A"
    elif len(words.pre_tokenize_str(f"a{chr(c)}a")) == 3:
        bert_class_of[c] = "P"
write("bert_classes.rs", run_lengths(bert_class_of))
