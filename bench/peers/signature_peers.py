"""MinHash signatures of texts by two peers on one core.

Usage: signature_peers.py TEXTS_JSONL
datatrove signs raw text: normalisation, word tokenizer, 5-grams, 14 x 8 hashes of 64 bits. rensa is given ready shingles,
so its figure leaves out what ours includes; it has 112 hashes of 32 bits. Prints one JSON object.
"""

import json
import sys
import time

from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.utils.text import simplify_text
from rensa import RMinHash

texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
size = sum(len(text.encode()) for text in texts)

stage = MinhashDedupSignature("/tmp/unused-signatures", config=MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8))
stage.get_shingles("warm up the word tokenizer")
started = time.process_time()
for text in texts:
    shingles = stage.get_shingles(text)
    if shingles.size:
        stage.get_signature(shingles)
datatrove = time.process_time() - started

ready = []
for text in texts:
    words = simplify_text(text).split()
    ready.append([" ".join(words[i : i + 5]) for i in range(len(words) - 4)])
started = time.process_time()
for shingles in ready:
    minhash = RMinHash(num_perm=112, seed=1)
    minhash.update(shingles)
    minhash.digest()
rensa = time.process_time() - started
print(json.dumps({"bytes": size, "datatrove": {"seconds": datatrove}, "rensa": {"seconds": rensa}}))
