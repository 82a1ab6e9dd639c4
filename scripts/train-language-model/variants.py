"""Text for Bosnian, and Serbian in its other script, made by rule from what there is.

Bosnian has no free running text in any package, but its standard is near its neighbours': Croatian sentences with
another lexicon, and Serbian sentences in the (i)jekavian form. A map of forms is read off the word lists themselves.
"""

import re

CYRILLIC = dict(
    zip(
        'a b v g d đ e ž z i j k l m n o p r s t ć u f h c č š'.split(),
        'а б в г д ђ е ж з и ј к л м н о п р с т ћ у ф х ц ч ш'.split(),
    )
)
LATIN = {cyrillic: latin for latin, cyrillic in CYRILLIC.items()} | {'љ': 'lj', 'њ': 'nj', 'џ': 'dž'}


def to_cyrillic(text: str) -> str:
    """Serbian Latin in Cyrillic letters; letters that Serbian does not have stay."""
    text = text.lower().replace('lj', 'љ').replace('nj', 'њ').replace('dž', 'џ')
    return ''.join(CYRILLIC.get(letter, letter) for letter in text)


def to_latin(text: str) -> str:
    return ''.join(LATIN.get(letter, letter) for letter in text.lower())


# Stems, Croatian and Bosnian, lower case; the longest first within one beginning.
FROM_CROATIAN = dict(
    pair.split(':')
    for pair in (
        'siječnj:januar veljač:februar ožujk:mart ožujak:mart travnj:april svibnj:maj lipnj:juni srpnj:juli kolovoz:august rujn:septembar '
        'listopad:oktobar studen:novembar prosin:decembar tisuć:hiljad tjedn:sedmičn tjedan:sedmica glazb:muzik povijes:histori sveučiliš:univerzite '
        'vlak:voz kolodvor:stanic zrakoplov:avion nogomet:fudbal košark:košark kazališ:pozoriš europ:evrop milijun:milion točk:tačk točn:tačn '
        'uvjet:uslov sustav:sistem tvrtk:firm priopć:saopć redatelj:režiser skladatelj:kompozitor gospodarst:privred proračun:budžet izvješć:izvješta '
        'tijekom:tokom uporab:upotreb poduzeć:preduzeć mirovin:penzij ravnatelj:direktor tko:ko nitko:niko netko:neko svatko:svako '
        'prosvjed:protest nazočn:prisutn podrijetl:porijekl knjižnic:bibliotek zemljovid:mapa žlic:kašik juh:sup kruh:hljeb plin:gas '
        'stožer:štab promidžb:propagand odvjetni:advoka vojarn:kasarn vrhnj:pavlak nadomak:nadomak prijam:prijem '
        'pozornost:pažnj sudionik:učesnik sudjel:učestv utjecaj:uticaj utječ:utič dojam:utisak natječaj:konkurs promet:saobraćaj '
        'kemij:hemij španjolsk:špansk talijan:italijan '
        'izvanredn:vanredn suradnj:saradnj surađ:sarađ suglasn:saglasn obitelj:porodic obiteljsk:porodičn predsjedatelj:predsjedavajuć'
    ).split()
)
FROM_SERBIAN = dict(
    pair.split(':')
    for pair in (
        'takođe:također uopšt:uopć opštin:općin opšt:opć saopšt:saopć istorij:historij istorijsk:historijsk hrišćan:kršćan sveštenik:svećenik '
        'hor:hor duvan:duhan uvo:uho kuva:kuha gluv:gluh evr:eur vazduh:zrak vazduhoplov:zrakoplov vaspit:odgoj '
        'sopstven:vlastit sprovod:provod sproved:proved obezbe:osigura obezbeđ:osigura pozorište:pozorište '
        'nedelj:sedmic stepen:stepen jul:juli jun:juni avgust:august vladin:vladin pomorandž:narandž '
        'supruga:supruga hleb:hljeb lekar:ljekar'
    ).split()
)
WORD = re.compile(r'[^\W\d_]+')


def replacer(stems: dict[str, str]) -> re.Pattern[str]:
    return re.compile(r'\b(' + '|'.join(sorted(stems, key=len, reverse=True)) + ')')


CROATIAN = replacer(FROM_CROATIAN)
SERBIAN = replacer(FROM_SERBIAN)
# Verbs in -irati are -ovati or -isati in Bosnian more often than not.
IRATI = re.compile(r'\b(\w{3,})ira(ti|o|la|li|lo|ju|na|ni|ne|no|nje|nja|nog|nom|nih)\b')


def jekavian_forms(ours: set[str], ekavian: set[str]) -> dict[str, str]:
    """Ekavian form to (i)jekavian: `reka` to `rijeka`, where the first is no word of `ours` and the second none of `ekavian`."""
    forms: dict[str, str] = {}
    for word in sorted(ours):
        for long in ('ije', 'je'):
            if long in word:
                short = word.replace(long, 'e', 1)
                if short in ekavian and short not in ours and word not in ekavian:
                    forms.setdefault(short, word)
                    break
    return forms


def from_croatian(text: str) -> str:
    text = CROATIAN.sub(lambda found: FROM_CROATIAN[found[1]], text.lower())
    return IRATI.sub(lambda found: f'{found[1]}ova{found[2]}', text)


def from_serbian(text: str, forms: dict[str, str]) -> str:
    text = WORD.sub(lambda found: forms.get(found[0], found[0]), text.lower())
    return SERBIAN.sub(lambda found: FROM_SERBIAN[found[1]], text)
