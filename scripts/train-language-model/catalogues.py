"""Sentences of translation catalogues: gettext's .mo, MediaWiki's .json, Firefox's .ftl and .properties."""

import gettext
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from languages import label_of

LOCALE = re.compile(r'/(?:locale|resource|messages)/([A-Za-z_@.-]+)/LC_MESSAGES/')
WORDPRESS = re.compile(r'^(?:[a-z-]+-)?([a-z]{2,3}(?:_[A-Z]{2})?)\.mo$')

TAG = re.compile(r'</?[a-zA-Z][^<>]{0,200}>')
# Placeholders of printf, Python, Qt, MediaWiki, KDE; wiki templates; entities; addresses; file names; XML-like escapes.
PLACEHOLDER = re.compile(
    r'%\([a-z_]+\)[a-z]|%\d*\$?[-#+ 0-9.]*[a-zA-Z]|%\d|\{\{[^{}]*\}\}|\{[^{}]{0,80}\}|\$\{?[\w.]+\}?|&[a-zA-Z]+;|&#\d+;|https?://\S+|www\.\S+|\S+@\S+'
    r'|\[\[[^\[\]|]*\||\[\S+ (?=[^\[\]]*\])|\S*/\S*/\S*|\S+\.(?:php|js|css|html|conf|txt|py|c|h|png|svg)\b|\\[ntr"]|--?[a-z][\w-]*'
)
ACCELERATOR = re.compile(r"(?<=\w)[_&~](?=\w)|(?<!\w)[_&~](?=\w)|\([_&~][A-Z0-9]\)")
WORD = re.compile(r"[^\W\d_]+")


def clean(text: str) -> str:
    """A catalogue's entry as a reader would see it."""
    text = TAG.sub(' ', text)
    text = PLACEHOLDER.sub(' ', text)
    text = ACCELERATOR.sub('', text)
    return ' '.join(text.replace("'''", '').replace("''", '').replace('[[', '').replace(']]', '').split())


def translated(source: str, text: str) -> bool:
    """Whether enough of the words are not the English ones: names, commands and untranslated entries are out."""
    words = WORD.findall(text.lower())
    if len(words) == 0:
        return False
    english = set(WORD.findall(source.lower()))
    return sum(word in english for word in words) <= 0.34 * len(words)


def of_gettext(path: Path) -> Iterator[str]:
    try:
        with path.open('rb') as file:
            entries = gettext.GNUTranslations(file)._catalog
    except (OSError, UnicodeDecodeError, ValueError):
        return
    for key, value in entries.items():
        source = key[0] if isinstance(key, tuple) else key
        if not source:
            continue
        source = source.split('\x04')[-1]
        for paragraph, original in paired(value, source):
            text = clean(paragraph)
            if translated(original, text):
                yield text


def paired(value: str, source: str) -> list[tuple[str, str]]:
    """Paragraphs with their originals; the whole entry where their numbers differ."""
    ours, theirs = value.split('\n\n'), source.split('\n\n')
    return list(zip(ours, theirs)) if len(ours) == len(theirs) else [(value, source)]


def of_json(path: Path, english: dict[str, str]) -> Iterator[str]:
    for key, value in json.loads(path.read_text('utf-8')).items():
        if isinstance(value, str) and not key.startswith('@'):
            text = clean(value)
            if path.stem == 'en' or translated(english.get(key, ''), text):
                yield text


def of_firefox(path: Path) -> Iterator[tuple[str, str]]:
    """Keys and values; a key tells which English value belongs to it."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(('.ftl', '.properties')):
                continue
            entry = name.split('/localization/')[-1].split('/locale/')[-1].split('/', 1)[-1]
            block: list[str] = []
            key = ''
            for line in archive.read(name).decode('utf-8', 'replace').splitlines() + ['end =']:
                start = re.match(r'(?:    \.)?([A-Za-z][\w.-]*) ?= ?(.*)', line)
                if start is not None:
                    yield f'{entry}/{key}', clean(' '.join(block))
                    # The fields of one message share their order with English, its id is enough.
                    key = start[1] if not line.startswith(' ') else f'{key.split("+")[0]}+{start[1]}'
                    block = [start[2]]
                elif line.startswith('    ') and not re.match(r'\s+[\[*}]', line):
                    block.append(line)


def collect(root: Path) -> Iterator[tuple[str, str, str]]:
    """(label, package, text) of every catalogue below `root`, in a fixed order."""
    for path in sorted(root.rglob('*.mo')):
        found = LOCALE.search(str(path)) or WORDPRESS.match(path.name)
        label = None if found is None else label_of(found[1])
        if label is not None:
            # 'sr@ijekavian' has no label of its own; variants.py reads it.
            for text in of_gettext(path):
                yield label, path.relative_to(root).parts[0], text
    for folder in sorted({path.parent for path in root.rglob('i18n/**/qqq.json')}):
        english = json.loads((folder / 'en.json').read_text('utf-8')) if (folder / 'en.json').exists() else {}
        english = {key: value for key, value in english.items() if isinstance(value, str)}
        for path in sorted(folder.glob('*.json')):
            label = label_of(path.stem)
            if label is not None:
                for text in of_json(path, english):
                    yield label, 'mediawiki', text
    packs = sorted(root.glob('firefox-esr-l10n-*/**/*.xpi'))
    british = dict(of_firefox(next(path for path in packs if 'en-GB' in path.name)))
    for path in packs:
        label = label_of(re.match(r'langpack-([A-Za-z-]+)@', path.name)[1])
        if label is None and path.name.startswith('langpack-es-'):
            label = 'es'
        if label is not None:
            for key, text in of_firefox(path):
                if label == 'en' or translated(british.get(key, ''), text):
                    yield label, 'firefox', text
