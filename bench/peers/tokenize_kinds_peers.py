"""Texts through the reference library of tokenizer files of several kinds, on one thread.

Usage: tokenize_kinds_peers.py TEXTS_JSONL NAME=TOKENIZER_JSON...
Files that lie in Python packages are added: Mistral's first SentencePiece model and a Unigram tokenizer.json. Seconds are of CPU;
`sha256` is over the ids as little-endian uint32. Prints one JSON object.
"""

import hashlib
import importlib.util
import json
import os
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np
import sentencepiece
import tokenizers

texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]


def packaged(package, path):
    return os.path.join(importlib.util.find_spec(package).submodule_search_locations[0], path)


def with_tokenizers(path):
    encoder = tokenizers.Tokenizer.from_file(path)
    encoder.encode_special_tokens = True
    encoder.no_truncation()
    encoder.no_padding()
    return lambda: [encoding.ids for encoding in encoder.encode_batch_fast(texts, add_special_tokens=False)]


def with_sentencepiece(path):
    encoder = sentencepiece.SentencePieceProcessor(model_file=path)
    return lambda: [encoder.encode(text) for text in texts]


def measure(path, library):
    encode = with_sentencepiece(path) if library == "sentencepiece" else with_tokenizers(path)
    seconds = []
    for _ in range(2):
        started = time.process_time()
        rows = encode()
        seconds.append(time.process_time() - started)
    ids = np.concatenate([np.asarray(row, dtype="<u4") for row in rows])
    size = sum(len(text.encode()) for text in texts)
    sha256 = hashlib.sha256(ids.tobytes()).hexdigest()
    return {"path": path, "library": library, "bytes": size, "seconds": seconds, "tokens": len(ids), "sha256": sha256}


files = {name: (path, "tokenizers") for name, path in (argument.split("=", 1) for argument in sys.argv[2:])}
files["mistral v1, SentencePiece BPE"] = (packaged("mistral_common", "data/tokenizer.model.v1"), "sentencepiece")
files["mon, Unigram"] = (packaged("mon_tokenizer", "data/mon_tokenizer.json"), "tokenizers")
print(json.dumps({name: measure(*file) for name, file in files.items()}))
