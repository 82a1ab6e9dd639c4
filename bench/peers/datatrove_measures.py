"""datatrove's four filters in a row over JSON lines {"language", "text"}, with limits that nothing breaks, so that each
filter measures all it can. Prints seconds of CPU time, the first text of each language left out (its tokenizer loads).

Usage: datatrove_measures.py FILE CODES_JSON
"""

import json
import sys
import time

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter

codes = json.loads(sys.argv[2])
NEVER = 1e9


def filters(code):
    return [
        GopherRepetitionFilter(
            dup_line_frac=NEVER,
            dup_para_frac=NEVER,
            dup_line_char_frac=NEVER,
            dup_para_char_frac=NEVER,
            top_n_grams=[(n, NEVER) for n in (2, 3, 4)],
            dup_n_grams=[(n, NEVER) for n in range(5, 11)],
            language=code,
        ),
        GopherQualityFilter(
            min_doc_words=None,
            max_doc_words=None,
            min_avg_word_length=None,
            max_avg_word_length=NEVER,
            max_symbol_word_ratio=NEVER,
            max_bullet_lines_ratio=NEVER,
            max_ellipsis_lines_ratio=NEVER,
            max_non_alpha_words_ratio=1e-9,
            min_stop_words=0,
            language=code,
        ),
        FineWebQualityFilter(line_punct_thr=-1, short_line_thr=NEVER, char_duplicates_ratio=NEVER, new_line_ratio=NEVER, language=code),
        C4QualityFilter(min_num_sentences=0, language=code),
    ]


ready, seconds, measured = {}, 0.0, 0
for line in open(sys.argv[1]):
    document = json.loads(line)
    code = codes[document["language"]]
    first = code not in ready
    if first:
        ready[code] = filters(code)
    started = time.process_time()
    for filter in ready[code]:
        filter.filter(Document(text=document["text"], id="0"))
    if not first:
        seconds += time.process_time() - started
        measured += len(document["text"].encode())
print(json.dumps({"seconds": seconds, "bytes": measured}))
