"""Main content by the peers: pages a second on one core, and F1 of all on two public sets.

Usage: extract.py PAGES_FOLDER [SETS_FOLDER OURS_JSON]
OURS_JSON maps the path of a page of the sets to the text that ours gave. Prints one JSON object.
"""

import gzip
import importlib.util
import json
import re
import sys
import time
from pathlib import Path

import trafilatura
from readability import Document
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree


def with_trafilatura(page):
    return trafilatura.extract(page, include_comments=False, include_tables=True) or ""


def with_resiliparse(page):
    return extract_plain_text(HTMLTree.parse(bytes_to_str(page, detect_encoding(page))), main_content=True)


def with_readability(page):
    summary = Document(bytes_to_str(page, detect_encoding(page))).summary()
    return extract_plain_text(HTMLTree.parse(summary), main_content=False)


PEERS = {"trafilatura": with_trafilatura, "resiliparse": with_resiliparse, "readability-lxml": with_readability}


def text_of(peer, page):
    try:
        return peer(page)
    except Exception:  # A page that a peer fails on has no text by it.
        return ""


def pages_a_second(peer, pages, seconds=20):
    """CPU time; slow peers read as many pages as fit the time."""
    started, done = time.process_time(), 0
    for page in pages:
        text_of(peer, page)
        done += 1
        if time.process_time() - started > seconds:
            break
    return done / (time.process_time() - started)


def read(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def articles(folder):
    """article-extraction-benchmark, scored by its own evaluate.py."""
    spec = importlib.util.spec_from_file_location("evaluate", folder / "evaluate.py")
    evaluate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluate)
    truth = json.loads((folder / "ground-truth.json").read_text())
    pages = {name: folder / "html" / f"{name}.html.gz" for name in truth}

    def score(texts):
        scores = evaluate.evaluate(truth, {name: {"articleBody": texts[name]} for name in truth}, n_bootstrap=2)
        return {"f1": scores["f1"], "precision": scores["precision"], "recall": scores["recall"]}

    return pages, score


def snippets(folder):
    """trafilatura's set: phrases that the text must hold, and phrases that it must not."""
    data = json.loads((folder / "tests/evaldata.json").read_text())
    pages = {}
    for url, item in data.items():
        found = [path for part in ("cache", "eval") if (path := folder / "tests" / part / item["file"]).is_file()]
        if found:
            pages[url] = found[0]

    def line(text):
        return re.sub(r"\s+", " ", text).strip()

    def score(texts):
        hit = wrong = wanted = 0
        for url in pages:
            text = line(texts[url])
            hit += sum(line(phrase) in text for phrase in data[url]["with"])
            wrong += sum(line(phrase) in text for phrase in data[url]["without"])
            wanted += len(data[url]["with"])
        precision, recall = hit / (hit + wrong), hit / wanted
        return {"f1": 2 * precision * recall / (precision + recall), "precision": precision, "recall": recall}

    return pages, score


def main():
    pages = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())]
    result = {"speed": {name: pages_a_second(peer, pages) for name, peer in PEERS.items()}}
    if len(sys.argv) > 2:
        sets = Path(sys.argv[2])
        ours = json.loads(Path(sys.argv[3]).read_text())
        for name, (paths, score) in {
            "article-extraction-benchmark": articles(sets / "article-extraction-benchmark"),
            "trafilatura": snippets(sets / "trafilatura"),
        }.items():
            result[name] = {"ours": score({key: ours[str(path.relative_to(sets))] for key, path in paths.items()})}
            for peer_name, peer in PEERS.items():
                result[name][peer_name] = score({key: text_of(peer, read(path)) for key, path in paths.items()})
    print(json.dumps(result))


main()
