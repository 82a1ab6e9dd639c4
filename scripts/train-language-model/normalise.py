"""What the model is given of a text. native/src/kernels/language_model/reading.rs does the same in Quern.

Letters in lower case, with their marks; the signs of code and markup each as a word; `0` for a run of digits; the rest
is white space. So the model sees the words and not how they are set, and one word costs one row.
"""

import re
import unicodedata

SIGNS = frozenset('{}[]<>=;/\\|@#$%^&*_~+`\ufffd')
# Marks that belong to words: of Latin, Cyrillic, Hebrew and Arabic letters, and the scripts of South Asia and Thailand.
MARKS = ((0x300, 0x36F), (0x483, 0x487), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670), (0x900, 0xE7F))
DROPPED = '\u00ad\u200c\u200d'
DIGITS = re.compile('[0-9]+')


class Table(dict):
    """For str.translate: filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if '0' <= character <= '9':
            replaced = character
        elif character in SIGNS:
            replaced = f' {character} '
        elif character in DROPPED:
            replaced = ''
        elif unicodedata.category(character)[0] == 'L' or any(first <= code <= last for first, last in MARKS):
            replaced = character.lower()
        else:
            replaced = ' '
        self[code] = replaced
        return replaced


TABLE = Table()


def normalise(text: str) -> str:
    return ' '.join(DIGITS.sub('0', text.translate(TABLE)).split())
