"""Lines that are no language: what crawls bring besides text. All made here, from a seed."""

import base64
import random
from collections.abc import Callable

CODE = '{}[]<>=;/\\|@#$%^&*_~+`()"\',.:!?-'
NAMES = 'i j k x y n id fn tmp buf len ptr row col key val idx src dst cfg ctx err msg url css div nav px rgba var0 foo bar baz lib std io'.split()
KEYWORDS = (
    'if else for while return function var let const int char void static public private class def import from export null true false new '
    'this self try catch throw switch case break struct enum float double bool string printf include define endif typedef select where'
).split()
TAGS = 'div span a li ul p td tr table script style img meta link body head html input form svg path button'.split()
PROPERTIES = 'margin padding border width height color background font size display float position top left right bottom z-index opacity'.split()
PARTS = 'index page item product cat img static assets media user v1 v2 api feed tag wp-content uploads thumb min jquery'.split()
SYLLABLES = 'qx zk vw xj kq wz bq jx zz xq hq gk pf tzt mnk rrt lkj qwz xcv bvn asdf jkl qwer zxc poiu'.split()


def some(rng: random.Random, words: list[str], low: int, high: int, between: str = ' ') -> str:
    return between.join(rng.choice(words) for _ in range(rng.randint(low, high)))


def code(rng: random.Random) -> str:
    name = lambda: rng.choice(NAMES) + rng.choice(['', '', '_' + rng.choice(NAMES), rng.choice(NAMES).title(), str(rng.randint(0, 9))])
    forms: list[Callable[[], str]] = [
        lambda: f'{rng.choice(KEYWORDS)} ({name()} {rng.choice(["=", "==", "<", ">=", "&&", "|="])} {name()}) {{ {name()}.{name()}({name()}); }}',
        lambda: f'{rng.choice(KEYWORDS)} {name()} = {name()}[{name()}] + {rng.randint(0, 999)};',
        lambda: f'<{rng.choice(TAGS)} class="{name()}-{name()}" id="{name()}">{rng.choice(["", "&nbsp;", str(rng.randint(0, 99))])}</{rng.choice(TAGS)}>',
        lambda: f'.{name()} {{ {rng.choice(PROPERTIES)}: {rng.randint(0, 99)}px; {rng.choice(PROPERTIES)}: #{rng.randrange(1 << 24):06x} }}',
        lambda: f'{{"{name()}": {rng.randint(0, 999)}, "{name()}": [{rng.randint(0, 9)}, {rng.randint(0, 9)}], "{name()}": null}}',
        lambda: f'#include <{name()}/{name()}.h>',
        lambda: f'0x{rng.randrange(1 << 32):08x}: {rng.randrange(1 << 32):08x} {rng.randrange(1 << 32):08x} {name()}',
        lambda: f'$ {name()} -{rng.choice("abcdfrv")} --{name()}={name()} | {name()} > /{name()}/{name()}',
    ]
    return ' '.join(rng.choice(forms)() for _ in range(rng.randint(1, 5)))


def numbers(rng: random.Random) -> str:
    forms: list[Callable[[], str]] = [
        lambda: f'{rng.randint(0, 9999)}',
        lambda: f'{rng.random() * 10 ** rng.randint(0, 6):.2f}',
        lambda: f'{rng.randint(1, 31):02}.{rng.randint(1, 12):02}.{rng.randint(1950, 2030)}',
        lambda: f'{rng.randint(0, 23):02}:{rng.randint(0, 59):02}',
        lambda: f'+{rng.randint(30, 421)} {rng.randint(10, 999)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}',
        lambda: rng.choice(['€', '$', '%', 'kg', 'cm', 'km', 'mm', 'x', '|', '-', '/', 'MB', 'GB', 'A', 'B', 'C', 'XL', 'EUR', 'USD']),
    ]
    return ' '.join(rng.choice(forms)() for _ in range(rng.randint(3, 30)))


def digest(rng: random.Random) -> str:
    raw = rng.randbytes(rng.randint(12, 120))
    return rng.choice([raw.hex(), base64.b64encode(raw).decode(), base64.b32encode(raw).decode(), ' '.join(f'{byte:02x}' for byte in raw[:40])])


def addresses(rng: random.Random) -> str:
    one = lambda: (
        f'{rng.choice(["https://", "http://", "www.", ""])}{some(rng, NAMES + PARTS, 1, 2, "-")}.{rng.choice(["com", "net", "org", "eu", "info"])}'
        f'/{some(rng, PARTS, 1, 3, "/")}{rng.choice(["", "?id=" + str(rng.randint(1, 99999)), "." + rng.choice(["html", "php", "jpg", "png"])])}'
    )
    return ' '.join(one() for _ in range(rng.randint(1, 6)))


def characters(rng: random.Random) -> str:
    pools = ['abcdefghijklmnopqrstuvwxyz', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', CODE, 'ÃÂ©¨ªº¤¶§¼½ØÐÑ±£¢¥¬®°·']
    pool = rng.choice(pools)
    return ' '.join(''.join(rng.choice(pool) for _ in range(rng.randint(2, 14))) for _ in range(rng.randint(2, 16)))


def keyboard(rng: random.Random) -> str:
    return ' '.join(some(rng, SYLLABLES, 1, 4, '') for _ in range(rng.randint(2, 14)))


def repeated(rng: random.Random) -> str:
    unit = ''.join(rng.choice('abcdefghijklmnopqrstuvwxyz') for _ in range(rng.randint(1, 3)))
    return rng.choice([unit * rng.randint(8, 60), ' '.join([unit] * rng.randint(6, 40)), rng.choice('-=_*~.') * rng.randint(5, 80) + ' ' + unit])


def broken(rng: random.Random, text: str) -> str | None:
    """UTF-8 of a real line read as another charset, or its letters lost: only where most of it is then unreadable."""
    marks = sum(ord(character) > 127 for character in text)
    if marks < 0.3 * len(text):
        return None
    how = rng.randrange(3)
    if how == 0:
        return text.encode('utf-8').decode('latin-1')
    if how == 1:
        return text.encode('utf-8').decode('cp1252', 'replace')
    return text.encode('utf-8').decode('ascii', 'replace')


def lines(count: int, texts: list[str], seed: int) -> list[str]:
    rng = random.Random(seed)
    kinds = [code, code, code, numbers, digest, addresses, characters, keyboard, repeated]
    made = [rng.choice(kinds)(rng) for _ in range(count * 9 // 10)]
    while len(made) < count:
        text = broken(rng, rng.choice(texts))
        if text is not None:
            made.append(text)
    return made
