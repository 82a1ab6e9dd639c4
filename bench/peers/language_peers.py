"""Languages of texts by fasttext-predict with one model file, and by py3langid.

Usage: language_peers.py TEXTS_JSONL MODEL
Every row has a `text` and may have a `language`, an ISO 639-1 code. Seconds are of CPU. Prints one JSON object.
"""

import json
import sys
import time

import fasttext
import py3langid

rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
texts = [row["text"].replace("\n", " ") for row in rows]
model = fasttext.load_model(sys.argv[2])


def measure(identify):
    identify(texts[0])
    started = time.process_time()
    labels = [identify(text) for text in texts]
    return {"seconds": time.process_time() - started, "labels": labels}


print(
    json.dumps(
        {
            "fasttext-predict": measure(lambda text: model.predict(text)[0][0].removeprefix("__label__")),
            "py3langid": measure(lambda text: py3langid.classify(text)[0]),
        }
    )
)
