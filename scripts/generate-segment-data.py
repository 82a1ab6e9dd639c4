"""Writes native/src/kernels/segment/data/: what spaCy lists about words, as the word segmenter reads it.

Lists are facts that no reasoning replaces: which abbreviations keep their dot, which contractions are parted where, which
characters count as letters. The rules around them are ours (segment/prefixes.rs and its neighbours) and tested against spaCy.
usage: python scripts/generate-segment-data.py     (needs `spacy`; the version it found stands in each file)
"""

import itertools
import pathlib
import re

import spacy
from spacy.lang import char_classes
from spacy.lang.fr import tokenizer_exceptions as french
from spacy.lang.ro import punctuation as romanian
from spacy.lang.sl import punctuation as slovenian
from spacy.lang.tokenizer_exceptions import BASE_EXCEPTIONS
from spacy.pipeline import Sentencizer
from spacy.symbols import ORTH

TARGET = pathlib.Path(__file__).parent.parent / "native/src/kernels/segment/data"
NOTICE = (
    f"From spaCy {spacy.__version__} (MIT licence, copyright 2016-2024 ExplosionAI GmbH, 2016 spaCy GmbH, 2015 Matthew Honnibal)\n"
    "by scripts/generate-segment-data.py; do not edit."
)
# Every language of datatrove's assignment whose exceptions differ from the base ones; nn has nb's there, bs has sr's.
LANGUAGES = "bg ca da de el en es fi fo fr ga hsb hu it lb lij lt mk nb nl pl pt ro ru sl sr sv tr uk".split()
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def write(name, comment, lines):
    head = "".join(f"# {line}\n" for line in f"{NOTICE}\n{comment}".split("\n"))
    (TARGET / name).write_text(head + "".join(f"{line}\n" for line in lines), "utf-8")


def pieces(rule):
    return "\t".join(token[ORTH] for token in rule)


def exceptions():
    yield "[base]"
    base = {key: pieces(rule) for key, rule in BASE_EXCEPTIONS.items() if not any(c.isspace() for c in key)}
    yield from sorted(base.values())
    for code in LANGUAGES:
        rules = {key: pieces(rule) for key, rule in spacy.blank(code).tokenizer.rules.items() if key.strip() and "\t" not in key}
        yield f"[{code}]"
        # A language may leave base exceptions out: Turkish all, Polish and Lithuanian those of letters.
        yield from sorted(f"-\t{key}" for key in base if key not in rules)
        own = sorted(value for key, value in rules.items() if base.get(key) != value)
        assert not any(value.startswith("-\t") for value in own)
        yield from own
    # Maltese is not spaCy's: its treebank parts smileys and initials.
    yield "[mt]"
    yield from sorted(f"-\t{key}" for key in base)


def members(pattern):
    matches = re.compile(pattern).match
    points = [c for c in CODE_POINTS if matches(chr(c))]
    runs = []
    for point in points:
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return " ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in runs)


def characters():
    punctuation = "|".join(piece for piece in char_classes.LIST_PUNCT if len(re.sub(r"\\", "", piece)) == 1)
    currency = "|".join(piece for piece in char_classes.LIST_CURRENCY if len(re.sub(r"\\", "", piece)) == 1)
    for name, pattern in {
        "alpha": f"[{char_classes.ALPHA}]",
        "lower": f"[{char_classes.ALPHA_LOWER}]",
        "upper": f"[{char_classes.ALPHA_UPPER}]",
        "punct": punctuation,
        "quote": "|".join(filter(None, char_classes.LIST_QUOTES)),
        "currency": currency,
        "icon": f"[{char_classes.CONCAT_ICONS}]",
        "word": r"\w",
        "sentence-end": f"[{re.escape(''.join(Sentencizer.default_punct_chars))}]",
    }.items():
        yield f"{name} {members(pattern)}"


def expand(pattern):
    """All texts of a pattern of literals, sets, options and groups of alternatives; no repetition."""
    if pattern == "":
        return [""]
    if match := re.match(r"\[([^]]*)\](\?)?", pattern):
        heads = list(match[1])
    elif match := re.match(r"\(\?:([^)]*)\)(\?)?", pattern):
        heads = [text for option in match[1].split("|") for text in expand(option)]
    else:
        match = re.match(r"(.)(\?)?", pattern)
        heads = [match[1]]
    heads += [""] if match[2] else []
    return [head + tail for head, tail in itertools.product(heads, expand(pattern[match.end() :]))]


def compounds():
    """French compounds that stay whole. Case is ignored; `-` is any hyphen, `’` any apostrophe, `'` itself."""
    lower = f"[{char_classes.ALPHA_LOWER}]"
    plain = [
        pattern.strip("^$").replace(lower, "@").replace(f"[{french.HYPHENS}]", "-").replace(f"[{french.ELISION}]", "’")
        for pattern in french._regular_exp
        if pattern.endswith((f"{lower}+$", f"{lower}*$")) and not pattern.startswith(f"^[{char_classes.ALPHA}]")
    ]
    stems = []
    for pattern in plain:
        repeat = pattern[-1]
        stems += [text.lower() + repeat for text in expand(pattern[:-1].removesuffix("@"))]
    yield "[stem]"
    yield from sorted(set(stems))
    yield "[hyphen]"
    yield from sorted({text.lower() for pattern in french._hyphen_prefix for text in expand(pattern)})
    yield "[elision]"
    yield from sorted({text.lower() for pattern in french._elision_prefix for text in expand(pattern)})
    yield "[link]"
    yield from sorted({text.lower() for pattern in french._hyphen_combination for text in expand(pattern)})


def clitics():
    yield "[before]"
    yield from sorted(romanian._ud_rrt_prefix_variants)
    yield "[after]"
    yield from sorted(romanian._ud_rrt_suffix_variants)


write("exceptions.txt", "Texts that are parted at the tabs and nowhere else, by language; `-` takes a base one out.", exceptions())
write("characters.txt", "Code points, hexadecimal, of the sets that spaCy's rules name.", characters())
write("french.txt", compounds.__doc__, compounds())
write("romanian.txt", "Clitics that are parted from the word they are joined to by a hyphen.", clitics())
write(
    "slovenian.txt",
    "Endings that a hyphen joins to an abbreviation without parting it.",
    sorted(set(re.findall(r"\w+", slovenian.HYPHENS_PERMITTED))),
)
