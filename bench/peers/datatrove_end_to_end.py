"""datatrove's equivalent of pipelines/sample.yaml on one core: WARC to tokens.

Usage: datatrove_end_to_end.py ARCHIVES_FOLDER WORK_FOLDER LID_MODEL TOKENIZER_JSON
Prints one JSON object. The language model and the tokenizer are the files ours uses.
"""

import json
import resource
import sys
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter, LambdaFilter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.tokens import DocumentTokenizer
from datatrove.pipeline.writers import JsonlWriter

archives, work, model, tokenizer = sys.argv[1:5]
EU = "bg hr cs da nl en et fi fr de el hu ga it lv lt mt pl pt ro sk sl es sv".split()
_model = None


def in_europe(doc):
    """The language rule of the sample: lid.176 says one of 24 languages with at least 0.65."""
    global _model
    if _model is None:
        from fasttext.FastText import _FastText

        _model = _FastText(model)
    labels, scores = _model.predict(doc.text.replace("\n", " "), k=1)
    doc.metadata["language"] = labels[0].removeprefix("__label__") if labels else ""
    return doc.metadata["language"] in EU and scores[0] >= 0.65


def run(name, pipeline, tasks=1):
    started = time.perf_counter()
    stats = LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=1, logging_dir=f"{work}/logs/{name}").run()
    return time.perf_counter() - started, stats


config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
seconds = {}
started = time.perf_counter()
seconds["prepare"], _ = run(
    "prepare",
    [
        WarcReader(archives, glob_pattern="*.warc.gz"),
        Trafilatura(favour_precision=True, timeout=10),
        LambdaFilter(in_europe),
        GopherRepetitionFilter(),
        GopherQualityFilter(min_stop_words=None),
        JsonlWriter(f"{work}/kept"),
        MinhashDedupSignature(f"{work}/signatures", config=config),
    ],
)
seconds["buckets"], _ = run("buckets", [MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)], tasks=14)
seconds["cluster"], _ = run("cluster", [MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)])
seconds["filter"], _ = run(
    "filter", [JsonlReader(f"{work}/kept"), MinhashDedupFilter(f"{work}/remove"), DocumentTokenizer(f"{work}/tokens", tokenizer, shuffle_documents=False)]
)
total = time.perf_counter() - started
usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
tokens = sum(path.stat().st_size for path in Path(work, "tokens").glob("*.ds")) // 2
print(json.dumps({"seconds": total, "cpu": sum(u.ru_utime + u.ru_stime for u in usage), "phases": seconds, "tokens": tokens}))
