"""Words of a language: frequency lists of wordfreq, the word lists inside tesseract's models, dictionaries of hunspell."""

import gzip
import math
import re
import struct
from pathlib import Path

LETTERS = re.compile(r"[^\W\d_]{2,}")


def frequencies(path: Path) -> list[tuple[str, float]]:
    """A list of wordfreq: msgpack of a header and one list of words per centibel of frequency."""
    bins = unpack_lists(gzip.decompress(path.read_bytes()))
    return [(word, 10 ** (-number / 100)) for number, words in enumerate(bins) for word in words if LETTERS.fullmatch(word)]


def unpack_lists(data: bytes) -> list[list[str]]:
    """The part of msgpack that wordfreq uses: arrays of arrays of short strings, after one map."""
    at = 0

    def length(tag: int, fixed: int, mask: int, sizes: dict[int, str]) -> int | None:
        nonlocal at
        if tag & ~mask == fixed:
            return tag & mask
        if tag not in sizes:
            return None
        (count,) = struct.unpack_from(sizes[tag], data, at)
        at += struct.calcsize(sizes[tag])
        return count

    def value() -> object:
        nonlocal at
        tag = data[at]
        at += 1
        if tag < 0x80:
            return tag
        if (count := length(tag, 0xA0, 0x1F, {0xD9: '>B', 0xDA: '>H', 0xDB: '>I'})) is not None:
            at += count
            return data[at - count : at].decode('utf-8')
        if (count := length(tag, 0x90, 0x0F, {0xDC: '>H', 0xDD: '>I'})) is not None:
            return [value() for _ in range(count)]
        if (count := length(tag, 0x80, 0x0F, {0xDE: '>H'})) is not None:
            return {value(): value() for _ in range(count)}
        raise ValueError(f'wordfreq: byte {tag:#x} at {at - 1}')

    return value()[1:]


SYSTEM_DAWG, UNICHARSET = 19, 21


def tesseract(path: Path) -> list[str]:
    """Words of a .traineddata: its `lstm-word-dawg`, a graph of letters squeezed into 64 bits an edge, no frequencies."""
    data = path.read_bytes()
    (entries,) = struct.unpack_from('<i', data)
    offsets = struct.unpack_from(f'<{entries}q', data, 4)

    def part(number: int) -> bytes:
        start = offsets[number]
        after = [offset for offset in offsets if offset > start]
        return data[start : min(after, default=len(data))] if start >= 0 else b''

    letters = [line.split(' ')[0] for line in part(UNICHARSET).decode('utf-8').splitlines()[1:]]
    dawg = part(SYSTEM_DAWG)
    if not dawg:
        return []
    _, size, count = struct.unpack_from('<hii', dawg)
    edges = struct.unpack_from(f'<{count}Q', dawg, 10)
    flags = math.ceil(math.log2(size + 1))
    words: list[str] = []
    # Depth first, in the order of the file; an edge with bit 0 of its flags set is the last of its node.
    stack = [(0, '')]
    while stack:
        at, prefix = stack.pop()
        while at < count:
            edge = edges[at]
            if edge == 0xFFFFFFFFFFFFFFFF >> 0:
                break
            word = prefix + letters[edge & ((1 << flags) - 1)]
            if edge >> flags & 4:
                words.append(word)
            following = edge >> (flags + 3)
            if following != 0 and len(word) < 40:
                stack.append((following, word))
            if edge >> flags & 1:
                break
            at += 1
    return [word for word in words if LETTERS.fullmatch(word)]


def hunspell(path: Path) -> list[str]:
    """Stems, and the forms that plain suffix rules without a chain make of them: at most three a stem."""
    affixes = path.with_suffix('.aff').read_bytes()
    encoding = re.search(rb'^SET\s+(\S+)', affixes, re.M)
    name = encoding[1].decode().lower().replace('microsoft-', '') if encoding else 'latin-1'
    long_flags = b'FLAG long' in affixes
    rules: dict[str, list[tuple[str, str, re.Pattern[str]]]] = {}
    for line in affixes.decode(name, 'replace').splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[0] == 'SFX':
            try:
                condition = re.compile(f'(?:{fields[4]})$')
            except re.error:
                continue
            cut, add = fields[2].replace('0', ''), fields[3].split('/')[0].replace('0', '')
            rules.setdefault(fields[1], []).append((cut, add, condition))
    words: list[str] = []
    for line in path.read_bytes().decode(name, 'replace').splitlines()[1:]:
        stem, _, flags = line.split('\t')[0].strip().partition('/')
        if not LETTERS.fullmatch(stem):
            continue
        words.append(stem)
        names = re.findall('..', flags) if long_flags else flags.split(',') if ',' in flags else list(flags)
        made = [
            stem[: len(stem) - len(cut)] + add
            for flag in names
            for cut, add, condition in rules.get(flag, ())
            if stem.endswith(cut) and condition.search(stem)
        ]
        words += [form for form in made[:: max(1, len(made) // 3)] if LETTERS.fullmatch(form)][:3]
    return words
