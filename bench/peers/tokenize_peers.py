"""The same texts through gigatoken, tiktoken and tokenizers with the vocabulary of one byte-level BPE tokenizer.json.

Usage: tokenize_peers.py TEXTS_JSONL TOKENIZER_JSON THREADS SMALL_BYTES
tiktoken and tokenizers get the first SMALL_BYTES, since they would take minutes. Seconds are of CPU on one
thread, of the wall on two; a first pass meets empty caches. `sha256` is over the ids as little-endian uint32, to see whether all agree. Prints one JSON object.
"""

import hashlib
import json
import os
import sys
import time

texts_path, tokenizer_path, threads, small = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.environ["RAYON_NUM_THREADS"] = str(threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"

import gigatoken
import numpy as np
import tiktoken
import tokenizers

texts = [json.loads(line)["text"] for line in open(texts_path, encoding="utf-8")]
sizes = [len(text.encode()) for text in texts]
few, taken = [], 0
for text, size in zip(texts, sizes):
    if taken >= small:
        break
    few.append(text)
    taken += size


def digest(rows):
    sha = hashlib.sha256()
    count = 0
    for row in rows:
        ids = np.asarray(row, dtype="<u4")
        sha.update(ids.tobytes())
        count += len(ids)
    return sha.hexdigest(), count


def measure(encode, rows, size):
    clock = time.process_time if threads == 1 else time.perf_counter
    seconds = []
    for _ in range(2):
        started = clock()
        ids = encode(rows)
        seconds.append(clock() - started)
    sha256, tokens = digest(ids)
    return {"bytes": size, "seconds": seconds, "tokens": tokens, "sha256": sha256}


def with_gigatoken():
    encoder = gigatoken.Tokenizer(tokenizer_path)
    return measure(lambda rows: encoder.encode_batch(rows, parallel=threads > 1), texts, sum(sizes))


def with_tokenizers():
    encoder = tokenizers.Tokenizer.from_file(tokenizer_path)
    encoder.encode_special_tokens = True

    def encode(rows):
        return [encoding.ids for encoding in encoder.encode_batch_fast(rows, add_special_tokens=False)]

    return measure(encode, few, taken)


def with_tiktoken():
    """Its ranks are the vocabulary's ids, its pattern that of the file's first Split."""
    spec = json.load(open(tokenizer_path, encoding="utf-8"))
    pattern = next(
        step["pattern"]["Regex"] for step in spec["pre_tokenizer"].get("pretokenizers", [spec["pre_tokenizer"]]) if step["type"] == "Split"
    )
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    alphabet = {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(rest)}
    ranks = {bytes(alphabet[char] for char in piece): rank for piece, rank in spec["model"]["vocab"].items() if all(c in alphabet for c in piece)}
    encoder = tiktoken.Encoding("bench", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return measure(lambda rows: encoder.encode_ordinary_batch(rows, num_threads=threads), few, taken)


print(json.dumps({"gigatoken": with_gigatoken(), "tiktoken": with_tiktoken(), "tokenizers": with_tokenizers(), "few": len(few)}))
