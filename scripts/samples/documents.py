"""documents.jsonl and the two small files that the sample pipeline's tests are given."""

import html
import json
import re

from samples.hard_cases import IMPRINT
from samples.pages import Page


def paragraphs(page: Page) -> list[str]:
    found = re.findall(r'<p\b[^>]*>(.*?)</p>', page.body.decode(), re.S)
    return [' '.join(html.unescape(re.sub(r'<[^>]+>', '', text)).split()) for text in found]


def documents(declarations: list[Page]) -> str:
    """The preamble and first articles of each declaration, one JSON object a line, then lines that are wrong, each in its way."""
    rows = [
        {'id': f'udhr-{page.language}', 'url': f'http://udhr.example/text/{page.language}', 'text': '\n'.join(paragraphs(page)[:14]), 'lang': page.language, 'register': 'law'}
        for page in declarations
    ]
    german = next(row for row in rows if row['lang'] == 'de')
    rows += [
        {**german, 'id': 'copy', 'url': 'http://udhr.example/text/de?copy'},
        {**german, 'id': 'near', 'url': 'http://udhr.example/text/de?near', 'text': german['text'].replace('Menschenrechte', 'Rechte der Menschen')},
        {'id': 'no-text', 'url': 'http://udhr.example/text/none', 'register': 'law'},
        {'id': 'empty', 'url': 'http://udhr.example/text/empty', 'text': ''},
        {'id': 'null', 'text': None},
        {'id': 'number', 'text': 42},
        {'id': 'short', 'text': 'Ein kurzer Satz.', 'nested': {'tags': ['a', 'b'], 'score': 0.5}},
        {'text': 'A document without id and url.'},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    lines.insert(10, '{"id": "broken", "text": "this line ends in the middle of')
    lines.insert(20, '')
    return '\n'.join(lines) + '\n'


def imprint() -> str:
    return 'Impressum\n' + '\n'.join(IMPRINT) + '\n'
