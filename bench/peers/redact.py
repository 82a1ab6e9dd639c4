"""Texts for the bench, and what the peers make of them. Usage: redact.py examples|negatives|time FOLDER"""
import glob, gzip, importlib, json, os, random, re, subprocess, sys, tarfile, time

EU = 'at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se'.split()


def source(folder):
    """The source archive of python-stdnum, unpacked once: its tests are not in the wheel."""
    if not glob.glob(os.path.join(folder, 'python_stdnum-*', 'tests')):
        os.makedirs(folder, exist_ok=True)
        pip = [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--dest', folder, 'python-stdnum==2.2']
        subprocess.run(pip, check=True, stdout=sys.stderr)
        with tarfile.open(glob.glob(os.path.join(folder, 'python_stdnum-2.2.tar.gz'))[0]) as archive:
            archive.extractall(folder, filter='data')


def doctests(folder):
    """Valid numbers of python-stdnum's doctests, by module, as the text writes them."""
    found = {}
    tests = glob.glob(os.path.join(folder, 'python_stdnum-*', 'tests', 'test_*.doctest'))
    for country in EU:
        path = os.path.dirname(importlib.import_module('stdnum.' + country).__file__)
        for file in sorted(glob.glob(path + '/*.py')):
            name = os.path.basename(file)[:-3]
            if name == '__init__':
                continue
            module = importlib.import_module(f'stdnum.{country}.{name}')
            if not hasattr(module, 'is_valid'):
                continue
            text = open(file, encoding='utf-8').read()
            for test in tests:
                if os.path.basename(test) == f'test_{country}_{name}.doctest':
                    text += open(test, encoding='utf-8').read()
            candidates = re.findall(r"'([^'\n]+)'", text) + re.findall(r'^\.\.\. (.+)$', text, re.M)
            valid = []
            for candidate in candidates:
                candidate = candidate.strip()
                try:
                    if re.search(r'\d', candidate) and module.is_valid(candidate):
                        valid.append(candidate)
                except Exception:
                    pass
            if valid:
                found[f'{country}.{name}'] = sorted(set(valid))
    return found


def phones():
    import phonenumbers
    found = []
    for country in EU:
        region = country.upper()
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            for style in ('INTERNATIONAL', 'E164', 'NATIONAL'):
                written = phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, style))
                found.append([country, style, written])
    return found


def negatives():
    """Lists of things that look like identifiers and are none."""
    from stdnum import ean, luhn
    random.seed(3)
    digits = lambda n: ''.join(random.choice('0123456789') for _ in range(n))
    out = {}
    isbn = []
    for _ in range(4000):
        body = random.choice(['978', '979']) + digits(9)
        number = body + ean.calc_check_digit(body)
        isbn.append(random.choice([number, f'{number[:3]}-{number[3]}-{number[4:6]}-{number[6:12]}-{number[12]}', f'{number[:3]} {number[3]} {number[4:8]} {number[8:12]} {number[12]}']))
    out['isbn'] = '\n'.join('ISBN ' + number for number in isbn)
    issn = []
    for _ in range(4000):
        body = digits(7)
        check = (11 - sum((8 - i) * int(c) for i, c in enumerate(body))) % 11
        issn.append(f'ISSN {body[:4]}-{body[4:]}{"X" if check == 10 else check}')
    out['issn'] = '\n'.join(issn)
    out['versions'] = '\n'.join(
        f'{random.choice(["Version", "version", "v", "Release", "lib-", "foo ("])} {".".join(str(random.randint(0, 40)) for _ in range(random.randint(2, 5)))}'
        + random.choice(['', '-1', '+dfsg-2', '~rc1', ')'])
        for _ in range(4000)
    )
    out['sections'] = '\n'.join(f'§ {".".join(str(random.randint(1, 20)) for _ in range(random.randint(2, 6)))} Absatz {random.randint(1, 9)}' for _ in range(4000))
    out['celex'] = '\n'.join(
        f'3{random.randint(1960, 2025)}{random.choice("RLD")}{digits(4)} OJ L {random.randint(1, 400)}, {random.randint(1, 28)}.{random.randint(1, 12)}.{random.randint(1990, 2025)}, p. {random.randint(1, 999)}–{random.randint(1, 999)} (EU) {random.randint(2015, 2025)}/{random.randint(1, 2999)}'
        for _ in range(4000)
    )
    out['statistics'] = '\n'.join(
        ' '.join(random.choice([digits(1 + i % 9).lstrip('0') or '0', f'{random.randint(1, 999)} {digits(3)} {digits(3)}', f'{random.randint(1, 99)},{digits(2)}', f'{random.randint(1, 99)}.{digits(3)}.{digits(3)}']) for i in range(8))
        for _ in range(4000)
    )
    out['years'] = '\n'.join(' '.join(str(year) for year in range(start, start + 12)) for start in range(1900, 2012) for _ in range(20))
    out['prices'] = '\n'.join(f'Art.-Nr. {digits(random.choice([5, 6, 7, 8]))}: {random.randint(1, 9999)},{digits(2)} €, {random.randint(1, 31)}.{random.randint(1, 12)}.{random.randint(1990, 2025)}' for _ in range(4000))
    changelogs = []
    for file in sorted(glob.glob('/usr/share/doc/*/changelog*.gz'))[:400]:
        try:
            text = gzip.open(file, 'rt', encoding='utf-8', errors='replace').read(20000)
        except OSError:
            continue
        # Names and addresses of maintainers are personal data, and are found as such.
        changelogs.append(re.sub(r'\S+@\S+', '', text))
    out['changelogs'] = '\n'.join(changelogs)
    return out


def timed(folder):
    """datatrove's PIIFormatter and Presidio's pattern recognizers over the same texts, one after the other, in CPU time."""
    texts = json.load(open(os.path.join(folder, 'texts.json'), encoding='utf-8'))
    size = sum(len(text.encode()) for text in texts)
    out = {}
    from datatrove.pipeline.formatters.pii import PIIFormatter
    formatter = PIIFormatter()
    started = time.process_time()
    for text in texts:
        formatter.format(text)
    out['datatrove'] = {'megabytesPerSecond': size / (time.process_time() - started) / 1e6}
    from presidio_analyzer import predefined_recognizers as known
    recognizers = [known.EmailRecognizer(), known.IbanRecognizer(), known.IpRecognizer(), known.CreditCardRecognizer(), known.PhoneRecognizer()]
    part, taken = [], 0
    for text in texts:
        part.append(text)
        taken += len(text.encode())
        if taken > 1_000_000:
            break
    started = time.process_time()
    for text in part:
        for recognizer in recognizers:
            recognizer.analyze(text, recognizer.supported_entities, None)
    out['presidio-analyzer'] = {'megabytesPerSecond': taken / (time.process_time() - started) / 1e6}
    return out


act, folder = sys.argv[1:3]
if act == 'examples':
    source(folder)
    print(json.dumps({'doctests': doctests(folder), 'phones': phones()}))
elif act == 'negatives':
    print(json.dumps(negatives()))
else:
    print(json.dumps(timed(folder)))
