"""HTML pages out of unpacked Debian packages, family by family, each in a fixed order.

A family is one kind of page: the HTML that a package ships, or what its own standard tool (yelp-build, mandoc) makes of
its source. Two families are set as HTML here: game stories and Irish shell help exist only as message catalogues.
"""

import gzip
import html
import re
import struct
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import samples.packages as packages


class Page(NamedTuple):
    url: str
    language: str
    """ISO 639-1 code that the package claims; the text may still be untranslated."""
    family: str
    package: str
    body: bytes


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ('script', 'style', 'nav', 'header', 'footer', 'title')

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag in ('script', 'style', 'nav', 'header', 'footer', 'title'):
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def visible_text(body: bytes) -> str:
    """Rough text of a UTF-8 page, good enough to count words and guess the language; no model of an extractor."""
    parser = _Text()
    parser.feed(body.decode('utf-8', 'replace'))
    return ' '.join(' '.join(parser.parts).split())


def code(folder: str) -> str:
    """`pt_BR`, `de-DE`, `en-us` and `C` to the two letters used in the samples."""
    return {'C': 'en'}.get(folder, re.split('[-_@]', folder)[0])


def _folder(root: Path, family: str, package: str, language: str) -> Iterator[Page]:
    for path in sorted(root.rglob('*.html')):
        if path.is_symlink() or path.name == 'index.html' and family == 'libreoffice':
            continue
        place = path.relative_to(root).as_posix()
        yield Page(f'http://{family}.debian-docs.example/{language}/{place}', language, family, package, path.read_bytes())


def libreoffice(build: Path) -> Iterator[Page]:
    for folder in packages.LIBREOFFICE:
        name = f'libreoffice-help-{folder}'
        root = build / 'root' / name / 'usr/share/libreoffice/help' / folder.replace('en-us', 'en-US')
        yield from _folder(root / 'text', 'libreoffice', name, code(folder))


def gimp(build: Path) -> Iterator[Page]:
    for folder in packages.GIMP:
        name = f'gimp-help-{folder}'
        yield from _folder(build / 'root' / name / 'usr/share/gimp/2.0/help' / folder, 'gimp', name, folder)


def installer(build: Path) -> Iterator[Page]:
    name = 'installation-guide-amd64'
    for root in sorted((build / 'root' / name / 'usr/share/doc' / name).glob('??')):
        yield from _folder(root, 'installer', name, root.name)


def handbook(build: Path) -> Iterator[Page]:
    for root in sorted((build / 'root/debian-handbook/usr/share/doc/debian-handbook/html').glob('??-??')):
        if root.name != 'pt-BR' and root.name != 'ar-MA':
            yield from _folder(root, 'handbook', 'debian-handbook', code(root.name))


def manuals(build: Path) -> Iterator[Page]:
    """Small Debian manuals, one package each."""
    for name, place in (
        ('aptitude-doc-fi', 'usr/share/doc/aptitude/html/fi'),
        ('debian-faq-nl', 'usr/share/doc/debian/FAQ/nl'),
        ('developers-reference-de', 'usr/share/developers-reference/de'),
        ('maint-guide-it', 'usr/share/doc/maint-guide-it/html'),
    ):
        yield from _folder(build / 'root' / name / place, 'manuals', name, name[-2:])


def gnome(build: Path) -> Iterator[Page]:
    """Mallard sources through yelp-build, which is what the project's own help site serves."""
    wanted = 'C bg ca cs da de el es et eu fi fr gl hr hu it lt lv nl pl pt ro ru sl sr sv tr uk'.split()
    for name, document in (('gnome-user-docs', 'gnome-help'), ('orca', 'orca'), ('gedit-common', 'gedit'), ('gnome-calculator', 'gnome-calculator')):
        for folder in wanted:
            source = build / 'root' / name / 'usr/share/help' / folder / document
            if not source.is_dir():
                continue
            target = build / 'html' / name / folder
            if not target.exists():
                target.mkdir(parents=True)
                subprocess.run(['yelp-build', 'html', '-i', '-o', target, source], capture_output=True, check=False)
            for path in sorted(target.glob('*.html')):
                yield Page(f'http://gnome.debian-docs.example/{document}/{code(folder)}/{path.name}', code(folder), 'gnome', name, path.read_bytes())


def manpages(build: Path) -> Iterator[Page]:
    """Manual pages through mandoc; sections 1, 5, 7 and 8."""
    for folder in packages.MANPAGES:
        name = f'manpages-{folder}'
        root = build / 'root' / name / 'usr/share/man' / folder
        for path in sorted(root.glob('man[1578]/*.gz')):
            source = gzip.decompress(path.read_bytes())
            if source.startswith(b'.so '):
                continue
            made = subprocess.run(['mandoc', '-K', 'utf-8', '-T', 'html'], input=source, capture_output=True, check=False)
            yield Page(f'http://man.debian-docs.example/{folder}/{path.stem}.html', folder, 'man', name, made.stdout)


def sky(build: Path) -> Iterator[Page]:
    """Descriptions of star lore and landscapes: HTML fragments without head or body. Only those under a free licence."""
    root = build / 'root/stellarium-data/usr/share/stellarium'
    for path in sorted(root.glob('skycultures/*/description.??.utf8')):
        info = (path.parent / 'info.ini').read_text('utf-8', 'replace')
        licence = re.search(r'^license\s*=\s*(.*)$', info, re.M)
        if licence and re.match(r'GNU GPL|CC BY-SA|CC BY \d', licence[1]):
            language = path.name.split('.')[1]
            yield Page(f'http://sky.debian-docs.example/{path.parent.name}.{language}.html', language, 'sky', 'stellarium-data', path.read_bytes())


def catalogue(path: Path) -> dict[str, str]:
    """A GNU message catalogue. Not `gettext`: it refuses files whose plural rule was never filled in."""
    data = path.read_bytes()
    order = '<' if data[:4] == b'\xde\x12\x04\x95' else '>'
    count, originals, translations = struct.unpack(order + '8x3I', data[:20])
    found = {}
    for row in range(count):
        pair = []
        for table in (originals, translations):
            length, place = struct.unpack_from(order + '2I', data, table + 8 * row)
            pair.append(data[place : place + length].split(b'\0')[0].decode('utf-8', 'replace'))
        found[pair[0]] = pair[1]
    return found


def article(language: str, title: str, paragraphs: list[str]) -> bytes:
    body = '\n'.join(f'<p>{html.escape(text, quote=False)}</p>' for text in paragraphs)
    head = f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n</head>\n'
    return f'{head}<body>\n<article>\n<h1>{html.escape(title)}</h1>\n{body}\n</article>\n</body>\n</html>\n'.encode()


def stories(build: Path) -> Iterator[Page]:
    """The story and dialogue of game scenarios, in the order of the script, where nine lines of ten are translated."""
    for campaign in packages.WESNOTH:
        root = build / 'root' / f'wesnoth-1.16-{campaign}' / 'usr/share/games/wesnoth/1.16'
        scenarios = sorted(root.glob('data/campaigns/*/scenarios/*.cfg'))
        scripts = {path.stem: _script(path) for path in scenarios}
        for found in sorted(root.glob(f'locale/??/LC_MESSAGES/wesnoth-{campaign}.mo')):
            language, translated = found.parts[-3], catalogue(found)
            for stem, (title, lines) in scripts.items():
                told = [translated[line] for line in lines if translated.get(line, line) != line]
                if lines and len(told) >= 0.9 * len(lines):
                    name = translated.get(title) or title
                    url = f'http://stories.debian-docs.example/{language}/{campaign}/{stem}.html'
                    yield Page(url, language, 'stories', f'wesnoth-1.16-{campaign}', article(language, name, told))


def _script(path: Path) -> tuple[str, list[str]]:
    source = re.sub(r'^\s*#.*$', '', path.read_text('utf-8', 'replace'), flags=re.M)
    title = re.search(r'^\s*name\s*=\s*_\s*"([^"]+)"', source, re.M)
    lines = re.findall(r'\b(?:story|message)\s*=\s*_\s*"((?:[^"]|"")+)"', source)
    return (title[1] if title else path.stem), [line.replace('""', '"') for line in lines]


def irish(build: Path) -> Iterator[Page]:
    """Irish has no manual in Debian: the help of the shell's built-in commands, three commands a page, and proverbs."""
    translated = catalogue(build / 'root/bash/usr/share/locale/ga/LC_MESSAGES/bash.mo')
    helps = [text for source, text in sorted(translated.items()) if len(text) > 300 and text != source]
    for start in range(0, len(helps), 3):
        shown = helps[start : start + 3]
        paragraphs = [' '.join(block.split()) for text in shown for block in re.split(r'\n\s*\n|\n(?=\s*-)', text) if block.strip()]
        url = f'http://irish.debian-docs.example/bash/{start // 3 + 1}.html'
        yield Page(url, 'ga', 'irish', 'bash', article('ga', shown[0].strip().splitlines()[0].strip(), paragraphs))
    source = (build / 'root/fortunes-ga/usr/share/games/fortunes/ga/proverbs').read_text('utf-8')
    proverbs = [' '.join(text.split()) for text in source.split('\n%\n') if text.strip('% \n')]
    for start in range(0, len(proverbs), 40):
        url = f'http://irish.debian-docs.example/proverbs/{start // 40 + 1}.html'
        yield Page(url, 'ga', 'irish', 'fortunes-ga', article('ga', 'Seanfhocail', proverbs[start : start + 40]))


FOR_SAMPLES = (gnome, stories, sky, installer, libreoffice, handbook, manuals, irish)
FOR_CORPUS = (*FOR_SAMPLES, gimp, manpages)
