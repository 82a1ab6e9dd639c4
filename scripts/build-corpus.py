#!/usr/bin/env python3
"""Builds a large test corpus outside the repository: Debian documentation in 28 and more languages, packed as archives.

    apt-get install yelp-tools yelp-xsl xsltproc libxml2-utils mandoc
    python3 -m venv build && build/bin/pip install warcio
    build/bin/python scripts/build-corpus.py TARGET --build BUILD-FOLDER [--pages 30000] [--bytes N]

Writes `crawl-0N.warc.gz` (one gzip member a record), `plain.warc`, `documents.jsonl` and `corpus.json` with the counts.
`--bytes` goes on after the pages are used up, with altered copies of them, until the pages' HTML adds up to N bytes: for
tests of memory and speed. Everything but the record ids is a function of the packages and the options.
"""

import argparse
import collections
import hashlib
import itertools
import json
import random
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from samples import packages, pages
from samples.pages import Page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

EUROPEAN = set(
    'be bg bs ca cs cy da de el en es et eu fi fr ga gl hr hu is it lb lt lv mk mt nb nl nn no pl pt ro ru sk sl sq sr sv tr uk'.split()
)
# libreoffice has 2,560 pages in each of 21 languages: the rest of --pages is taken from it, evenly.
ARCHIVES = 6
DATE = '2026-10-01T00:00:00Z'


def collect(build: Path, wanted: int) -> list[Page]:
    """All pages of the small families and as many of the large one as are wanted, in a fixed shuffled order."""
    small, large = [], collections.defaultdict(list)
    for family in pages.FOR_CORPUS:
        for page in family(build):
            if page.language not in EUROPEAN or not page.body:
                continue
            if page.family == 'libreoffice':
                large[page.language].append(page)
            else:
                small.append(page)
    for kept in large.values():
        kept.sort(key=_place)
    rounds = itertools.chain.from_iterable(zip(*(large[language] for language in sorted(large)), strict=True))
    found = small[:wanted] + list(itertools.islice(rounds, max(0, wanted - len(small))))
    return sorted(found, key=_place)


def _place(page: Page) -> bytes:
    return hashlib.sha256(page.url.encode()).digest()


def enlarged(found: list[Page], least: int) -> Iterator[Page]:
    """The pages, then altered copies until their bytes reach `least`: some near-duplicates, most with their sentences moved."""
    done = 0
    for turn in itertools.count():
        for page in found:
            if turn and done >= least:
                return
            copy = page if turn == 0 else _altered(page, turn)
            done += len(copy.body)
            yield copy
        if done >= least:
            return


def _altered(page: Page, turn: int) -> Page:
    """Every tenth copy changes a word or two; the others deal the words of each text node out anew, so that no 5-grams remain."""
    dice = random.Random(f'{turn} {page.url}')
    url = f'{page.url}?copy={turn}'
    if dice.randrange(10) == 0:
        return page._replace(url=url, body=page.body.replace(b'. ', b'; ', 2))

    def deal(found: re.Match[bytes]) -> bytes:
        words = found[1].split()
        dice.shuffle(words)
        return b'>' + b' '.join(words) + b'<'

    # Only text outside of scripts and tags; a page of a few megabytes takes milliseconds.
    return page._replace(url=url, body=re.sub(rb'>([^<>{}]{40,})<', deal, page.body))


def write(target: Path, found: Iterable[Page]) -> dict:
    """Every seventh page goes to the plain archive, every eighteenth to JSON lines, the others to the compressed ones by turns."""
    target.mkdir(parents=True, exist_ok=True)
    counts: dict[str, collections.Counter] = {'file': collections.Counter(), 'bytes': collections.Counter(), 'language': collections.Counter(), 'family': collections.Counter()}
    names = [f'crawl-{number:02}.warc.gz' for number in range(1, ARCHIVES + 1)] + ['plain.warc']
    files = {name: (target / name).open('wb') for name in [*names, 'documents.jsonl']}
    writers = {name: WARCWriter(files[name], gzip=name.endswith('.gz'), warc_version='1.1' if name == names[0] else '1.0') for name in names}
    for name, writer in writers.items():
        writer.write_record(writer.create_warcinfo_record(name, {'software': 'build-corpus', 'format': 'WARC'}))
    for number, page in enumerate(found):
        name = 'documents.jsonl' if number % 18 == 5 else 'plain.warc' if number % 7 == 3 else names[number % ARCHIVES]
        if name == 'documents.jsonl':
            row = {'id': str(number), 'url': page.url, 'text': _lines(page.body), 'lang': page.language, 'package': page.package}
            files[name].write(json.dumps(row, ensure_ascii=False).encode() + b'\n')
        else:
            _record(writers[name], page)
        counts['file'][name] += 1
        counts['bytes'][name] += len(page.body)
        counts['language'][page.language] += 1
        counts['family'][page.family] += 1
    for file in files.values():
        file.close()
    return {kind: dict(sorted(counter.items())) for kind, counter in counts.items()}


def _record(writer: WARCWriter, page: Page) -> None:
    kind = 'application/xhtml+xml' if page.body.startswith(b'<?xml') else 'text/html'
    headers = StatusAndHeaders('200 OK', [('Content-Type', f'{kind}; charset=utf-8'), ('Content-Length', str(len(page.body)))], protocol='HTTP/1.1')
    record = writer.create_warc_record(page.url, 'response', BytesIO(page.body), http_headers=headers, warc_headers_dict={'WARC-Date': DATE})
    writer.write_record(record)


def _lines(body: bytes) -> str:
    blocks = re.split(rb'<(?:p|li|h[1-6]|td|dd|dt|div|pre)\b', re.sub(rb'<(script|style)\b.*?</\1>', b'', body, flags=re.S))
    texts = (pages.visible_text(b'<p' + block) for block in blocks)
    return '\n'.join(text for text in texts if text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('target', type=Path)
    parser.add_argument('--build', type=Path, required=True, help='folder for downloads and rendered pages, kept between runs (4 GB)')
    parser.add_argument('--pages', type=int, default=30_000)
    parser.add_argument('--bytes', type=int, default=0, help='least sum of the HTML bytes, e.g. 2147483648')
    options = parser.parse_args()
    build = options.build.resolve()
    packages.fetch(build, packages.CORPUS)
    report = write(options.target, enlarged(collect(build, options.pages), options.bytes))
    report['pages'], report['html_bytes'] = sum(report['file'].values()), sum(report['bytes'].values())
    (options.target / 'corpus.json').write_text(json.dumps(report, indent=1) + '\n')
    print(json.dumps(report, indent=1))


if __name__ == '__main__':
    main()
