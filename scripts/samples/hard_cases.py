"""The hard cases: real pages with one thing made difficult, each with what a right reader does with it."""

import gzip
import hashlib
import html
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

import brotli
import zstandard
from samples.crawl import Answer
from samples.pages import Page, article, visible_text

HOST = 'http://hard-cases.example'
PIXEL = bytes.fromhex(
    '89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de'
    '0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082'
)


class Case(NamedTuple):
    url: str
    answer: Answer
    says: dict
    """`shows` in words; where it applies `language`, `charset`, `contains` (must be in the text), `lacks`, `same_as`, `near`, `drop`."""
    crawled: bool = True
    """False: fetched by following a redirect, not from the list."""


Usable = Callable[[str, str], bool]


def hard_cases(candidates: list[Page], chosen: list[Page], declarations: dict[str, Page], translated: Usable) -> list[Case]:
    """`candidates` are all pages of the packages, `chosen` those in the other archive, `declarations` by language."""
    pick = _picker(candidates, chosen, translated)
    return [*_charsets(pick, declarations), *_encodings(pick), *_broken(pick), *_duplicates(chosen), *_odd(pick, candidates, declarations)]


def _picker(candidates: list[Page], chosen: list[Page], translated: Usable) -> Callable[[str, str], Page]:
    """Gives unused pages of 200 to 1,500 words of a language and family, by the hash of the URL: never one that the other archive holds."""
    used = {page.url for page in chosen}
    by_kind: dict[tuple[str, str], list[Page]] = {}
    for page in sorted(candidates, key=lambda page: hashlib.sha256(page.url.encode()).digest()):
        by_kind.setdefault((page.language, page.family), []).append(page)

    def pick(language: str, family: str) -> Page:
        for page in by_kind[language, family]:
            text = '' if page.url in used else visible_text(page.body)
            if 200 <= len(text.split()) <= 1500 and translated(text, language):
                used.add(page.url)
                return page
        raise LookupError(f'no {family} page in {language} is left')

    return pick


def _phrase(body: bytes) -> str:
    """Six words in a row of one paragraph, with letters outside ASCII: lost if the charset is read wrongly."""
    paragraphs = [html.unescape(text).split() for text in re.findall(r'<(?:p|li|h1)\b[^>]*>([^<]{40,})</', body.decode())]
    windows = [words[start : start + 6] for words in paragraphs for start in range(len(words) - 5)]
    return ' '.join(max((window for window in windows if all(re.fullmatch(r'\w+', word) for word in window)), key=_foreign))


def _foreign(window: list[str]) -> int:
    return sum(ord(letter) > 127 for word in window for letter in word)


def _meta(text: str, charset: str | None) -> str:
    text = re.sub(r'<\?xml[^>]*\?>\s*|<meta[^>]*charset[^>]*>\s*', '', text)
    return text if charset is None else re.sub(r'(<head[^>]*>)', rf'\1<meta http-equiv="Content-Type" content="text/html; charset={charset}">', text, count=1)


# name, language, family, bytes are in, meta says, header says, whether a right reader gets the text, what it shows
CHARSETS = (
    ('windows-1251', 'bg', 'stories', 'cp1251', 'windows-1251', None, True, 'Cyrillic by the meta element alone'),
    ('windows-1250', 'cs', 'gnome', 'cp1250', None, 'windows-1250', True, 'the HTTP header alone'),
    ('iso-8859-2', 'pl', 'stories', 'iso8859-2', 'iso-8859-2', 'text/html', True, 'the meta element; the type in the header is in upper case'),
    ('header-wins', 'hu', 'stories', 'iso8859-2', 'utf-8', 'iso-8859-2', True, 'the header is right, the meta element is wrong: the header wins'),
    ('iso-8859-7', 'el', 'stories', 'iso8859-7', 'iso-8859-7', None, True, 'Greek by the meta element'),
    ('windows-1257', 'lv', 'gnome', 'cp1257', None, None, True, 'declared nowhere: detection only'),
    ('iso-8859-13', 'lt', 'udhr', 'iso8859-13', 'iso-8859-13', None, True, 'Baltic by the meta element'),
    ('iso-8859-4', 'et', 'stories', 'iso8859-4', None, 'ISO-8859-4', True, 'an old Baltic charset by the header'),
    ('iso-8859-3', 'mt', 'udhr', 'iso8859-3', 'iso-8859-3', None, True, 'Maltese in the only legacy charset that has its letters'),
    ('iso-8859-16', 'ro', 'gnome', 'iso8859-16', 'iso-8859-16', None, True, 'Romanian with comma below'),
    ('windows-1252-as-latin-1', 'fr', 'gnome', 'cp1252', 'iso-8859-1', None, True, 'curly quotes and the euro sign live in windows-1252; the label iso-8859-1 means it'),
    ('koi8-r', 'ru', 'stories', 'koi8-r', 'koi8-r', None, True, 'Russian: readable, but not one of the 24 languages'),
    ('utf-16le', 'de', 'stories', 'utf-16-le', None, None, True, 'UTF-16 with a byte order mark'),
    ('utf-16be', 'es', 'stories', 'utf-16-be', 'utf-16', None, True, 'big-endian UTF-16 with a byte order mark'),
    ('bom-wins', 'sv', 'stories', 'utf-8-sig', None, 'iso-8859-1', True, 'a UTF-8 byte order mark beats a wrong header'),
    ('undeclared-1250', 'sk', 'stories', 'cp1250', None, None, True, 'windows-1250 declared nowhere'),
    ('undeclared-utf-8', 'fi', 'stories', 'utf-8', None, None, True, 'UTF-8 declared nowhere'),
    ('wrong-meta', 'sl', 'gnome', 'cp1250', 'iso-8859-1', None, False, 'the only declaration is wrong: a browser shows garbage too'),
    ('wrong-header', 'da', 'gnome', 'utf-8', 'utf-8', 'iso-8859-1', False, 'UTF-8 behind a server default of iso-8859-1: by the standard the header wins'),
    ('unknown-label', 'it', 'stories', 'utf-8', 'x-mac-nonsense', None, True, 'a label that no reader knows counts as none'),
)  # fmt: skip


def _charsets(pick, declarations: dict[str, Page]) -> list[Case]:
    cases = []
    for name, language, family, codec, meta, header, readable, shows in CHARSETS:
        page = declarations[language] if family == 'udhr' else pick(language, family)
        text = _meta(page.body.decode(), meta)
        mark = {'utf-16-le': b'\xff\xfe', 'utf-16-be': b'\xfe\xff'}.get(codec, b'')
        body = mark + text.encode(codec, 'xmlcharrefreplace')
        kind = 'text/html' if header is None else 'TEXT/HTML' if header == 'text/html' else f'text/html; charset={header}'
        says = {'shows': shows, 'charset': codec, 'language': language, 'from': page.url}
        if family == 'udhr':
            says['same_as'] = page.url
        says |= {'contains' if readable else 'lost': _phrase(page.body)}
        cases.append(Case(f'{HOST}/charset/{name}.html', Answer(body, kind), says))
    invalid = pick('pt', 'stories').body
    place = next(found.end() for found in re.finditer(rb'[\xc3]', invalid[len(invalid) // 2 :])) + len(invalid) // 2
    says = {'shows': 'one multi-byte letter cut in half: the rest must survive', 'charset': 'utf-8', 'language': 'pt'}
    return [*cases, Case(f'{HOST}/charset/invalid-byte.html', Answer(invalid[:place] + invalid[place + 1 :]), says)]


def _encodings(pick) -> list[Case]:
    cases = []
    for name, label, squeeze, chunked, shows in (
        ('gzip', 'gzip', gzip.compress, False, 'Content-Encoding gzip'),
        ('gzip-chunked', 'gzip', gzip.compress, True, 'gzip, sent in chunks'),
        ('deflate', 'deflate', zlib.compress, False, 'deflate as the standard says, in a zlib frame'),
        ('deflate-raw', 'deflate', lambda data: zlib.compress(data)[2:-4], False, 'deflate as some servers do it, without the frame'),
        ('brotli', 'br', brotli.compress, True, 'brotli, sent in chunks'),
        ('zstd', 'zstd', zstandard.compress, False, 'zstd'),
        ('double', 'gzip, gzip', lambda data: gzip.compress(gzip.compress(data)), False, 'compressed twice'),
        ('false', 'gzip', bytes, False, 'the header says gzip, the body is plain'),
    ):
        page = pick('en', 'libreoffice')
        says = {'shows': shows, 'language': 'en', 'contains': _phrase(page.body)}
        answer = Answer(squeeze(page.body), headers=(('Content-Encoding', label),), chunked=chunked)
        cases.append(Case(f'{HOST}/http/{name}.html', answer, says))
    page = pick('en', 'gnome')
    says = {'shows': 'no Content-Type header at all', 'language': 'en'}
    return [*cases, Case(f'{HOST}/http/no-type.html', Answer(page.body, None), says)]


def _broken(pick) -> list[Case]:
    def case(name: str, page: Page, body: bytes, shows: str) -> Case:
        return Case(f'{HOST}/broken/{name}.html', Answer(body), {'shows': shows, 'language': page.language, 'contains': _phrase(page.body), 'from': page.url})

    unclosed, nested, wide, cut, tables, nul, entities, comment = (
        pick(language, family)
        for language, family in (
            ('de', 'stories'), ('fr', 'stories'), ('nl', 'gnome'), ('it', 'gnome'), ('es', 'gnome'), ('sv', 'gnome'), ('hu', 'gnome'), ('pl', 'gnome'),
        )
    )  # fmt: skip
    return [
        case('unclosed', unclosed, re.sub(rb'</(p|li|ul|article|body|html|head)>', b'', unclosed.body), 'no end tags'),
        case('deep', nested, nested.body.replace(b'<article>', b'<div><font>' * 20_000 + b'<article>'), '40,000 open elements around the text'),
        case('attribute', wide, wide.body.replace(b'<body', b'<body data-state="' + b'{&quot;a&quot;:1},' * 60_000 + b'"', 1), 'one attribute of a megabyte'),
        case('cut', cut, cut.body[: cut.body.rindex(b'<')] + b'<a href="', 'the page ends inside a tag'),
        case('tables', tables, _as_tables(tables), 'HTML 3.2: layout tables, upper-case tags, unquoted attributes'),
        case('nul', nul, nul.body.replace(b'<p', b'\x00<p').replace(b'. ', b'.\x00 '), 'NUL bytes in text and before tags'),
        case('entities', entities, re.sub(r'[^\x00-\x7f]', lambda found: f'&#{ord(found[0])};', entities.body.decode()).encode(), 'every letter outside ASCII as a numeric reference'),
        case('comment', comment, comment.body + b'<!-- never closed <p>' + b'x ' * 2000, 'a comment that is never closed, after the text'),
    ]


def _as_tables(page: Page) -> bytes:
    text = re.sub(r'<(/?)(article|main|section|div|header|footer)\b[^>]*>', r'<\1TD>', page.body.decode())
    text = re.sub(r'<(/?)p\b[^>]*>', lambda found: '<P ALIGN=left>' if not found[1] else '', text)
    return re.sub(r'<body[^>]*>', '<BODY BGCOLOR=#ffffff><TABLE WIDTH=100% BORDER=0><TR>', text).encode()


def _duplicates(chosen: list[Page]) -> list[Case]:
    stories = [page for page in chosen if page.family == 'stories' and 400 <= len(visible_text(page.body).split()) <= 1200]
    found = {language: next(page for page in stories if page.language == language) for language in ('de', 'cs', 'it', 'bg')}
    text = found['de'].body.decode()
    changed = re.sub(r'(\w{5,})([.!?]) ', lambda match: match[0] if len(match[1]) % 7 else f'Ende{match[2]} ', text, count=40)
    moved = found['cs'].body.replace(b'<article>', b'<nav><ul><li><a href="/">Zrcadlo</a></li><li><a href="/a">Obsah</a></li></ul></nav><article>')
    words = found['it'].body.decode().split('<p>')
    shorter = '<p>'.join(words[: max(2, len(words) - len(words) // 10)])
    half = found['bg'].body.decode().split('<p>')
    return [
        Case(f'{HOST}/copies/exact.html', Answer(found['bg'].body), {'shows': 'the same bytes under another URL', 'language': 'bg', 'same_as': found['bg'].url}),
        Case(f'{HOST}/copies/exact.html?session=1', Answer(found['bg'].body), {'shows': 'the same again with a query', 'language': 'bg', 'same_as': found['bg'].url}),
        Case(f'{HOST}/copies/mirror.html', Answer(moved), {'shows': 'the same text with other navigation', 'language': 'cs', 'same_as': found['cs'].url}),
        Case(f'{HOST}/copies/words.html', Answer(changed.encode()), {'shows': 'a few words changed', 'language': 'de', 'near': found['de'].url}),
        Case(f'{HOST}/copies/shorter.html', Answer(shorter.encode()), {'shows': 'the last tenth of the paragraphs is missing', 'language': 'it', 'near': found['it'].url}),
        Case(f'{HOST}/copies/half.html', Answer('<p>'.join(half[: len(half) // 2]).encode()), {'shows': 'half of a page: no near-duplicate at 0.8', 'language': 'bg', 'from': found['bg'].url}),
    ]


def _odd(pick, candidates: list[Page], declarations: dict[str, Page]) -> list[Case]:
    german, french = (re.findall(r'<p>.*?</p>', declarations[code].body.decode(), re.S) for code in ('de', 'fr'))
    both = ''.join(f'{one}\n{other}\n' for one, other in zip(german[:20], french[:20], strict=True))
    special = pick('en', 'sky').body.decode().replace('. ', '. <|endoftext|> ').replace('<|', '&lt;|') + '<p>&lt;s&gt; [INST] &lt;|begin_of_text|&gt; &lt;/s&gt; &lt;|im_start|&gt;user</p>'
    proverb = '<p>Aller guten Dinge sind drei, sagte der Müller und mahlte noch einen Sack Korn für seinen Nachbarn.</p>\n'
    untranslated = next(page for page in candidates if page.url.startswith('http://gnome.debian-docs.example/gedit/ro/') and b'gedit' in page.body and len(page.body) > 8000)
    link = ''.join(f'<li><a href="/{number}">Seite {number}</a></li>' for number in range(150))
    target = pick('nl', 'libreoffice')

    def case(path: str, answer: Answer, shows: str, **says: str) -> Case:
        return Case(f'{HOST}/{path}', answer, {'shows': shows, **says})

    return [
        case('empty.html', Answer(b''), 'no body at all'),
        case('blank.html', Answer(b'<!DOCTYPE html><html><head><title>Leer</title></head><body> \n\t&nbsp; </body></html>'), 'no text'),
        case('script.html', Answer(b'<html><body><div id="app"></div><script>render({"text":"Nur mit JavaScript."})</script></body></html>'), 'text in a script only'),
        case('two-languages.html', Answer(article('de', 'Zwei Sprachen', ['@']).replace(b'<p>@</p>', both.encode())), 'German and French by turns'),
        case('untranslated.html', Answer(untranslated.body), 'says lang="ro", the text is English', language='en'),
        case('missing.html', Answer('<h1>Nicht gefunden</h1><p>Diese Seite gibt es nicht mehr.</p>'.encode(), status=404), 'status 404', drop='warc/http-status'),
        case('broken-server.html', Answer(b'<h1>Internal Server Error</h1>', status=500), 'status 500', drop='warc/http-status'),
        case('old.html', Answer(b'<a href="/new.html">moved</a>', status=301, headers=(('Location', f'{HOST}/new.html'),)), 'status 301', drop='warc/http-status'),
        case('new.html', Answer(target.body), 'where the redirect leads', language='nl', contains=_phrase(target.body))._replace(crawled=False),
        case('pixel.png', Answer(PIXEL, 'image/png'), 'an image', drop='warc/not-html'),
        case('pixel.html', Answer(PIXEL * 20), 'an image that is called text/html'),
        case('data.json', Answer(b'{"text": "Kein HTML, sondern JSON."}', 'application/json'), 'JSON', drop='warc/not-html'),
        case('style.css', Answer(b'body { color: #222 }', 'text/css'), 'a style sheet', drop='warc/not-html'),
        case('note.txt', Answer(visible_text(pick('en', 'handbook').body).encode(), 'text/plain; charset=utf-8'), 'plain text', language='en'),
        case('impressum.html', Answer(impressum()), 'an imprint: too short', language='de', drop='gopher-quality/too-few-words'),
        case('special-tokens.html', Answer(special.encode()), 'text that spells special tokens: ordinary text to a tokenizer', language='en', contains='<|endoftext|>'),
        case('repeats.html', Answer(article('de', 'Mühle', ['@']).replace(b'<p>@</p>\n', proverb.encode() * 60)), 'one sentence 60 times', language='de', drop='gopher-repetition/*'),
        case('links.html', Answer(f'<html lang="de"><body><ul>{link}</ul></body></html>'.encode()), 'nothing but links'),
        case('long-line.html', Answer(b'<html><body><p>' + b'a' * 300_000 + b'</p></body></html>'), 'one word of 300,000 letters'),
    ]


IMPRINT = (
    'Angaben gemäß § 5 DDG', 'Mühlenverein Musterstadt e. V., Am Mühlbach 1, 00000 Musterstadt', 'Vertreten durch den Vorstand.',
    'Telefon: 0000 000000, E-Mail: verein@muehle.example', 'Registergericht: Amtsgericht Musterstadt, VR 0000',
)  # fmt: skip


def impressum() -> bytes:
    return article('de', 'Impressum', list(IMPRINT))
