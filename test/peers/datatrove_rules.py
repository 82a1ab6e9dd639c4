"""Which rules of datatrove's filters drop each document, every rule asked alone.

Standard input: JSON lines {"language", "text"}. Arguments: a file {"codes": {"de": "deu"}, "settings": {"de": {...}}}
with datatrove's code of each language and FineWeb2's settings (none for English).
Standard output: for each line a JSON list of rule names, and what C4's line rules leave of the text with each setting.
"""

import json
import sys

from datatrove.data import Document
from datatrove.pipeline.filters import C4ParagraphFilter, C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter

given = json.load(open(sys.argv[1]))

QUALITY_OFF = dict(
    min_doc_words=None, max_doc_words=None, min_avg_word_length=None, max_avg_word_length=None, max_symbol_word_ratio=None,
    max_bullet_lines_ratio=None, max_ellipsis_lines_ratio=None, max_non_alpha_words_ratio=None, min_stop_words=None,
)  # fmt: skip
REPETITION_OFF = dict(dup_line_frac=None, dup_para_frac=None, dup_line_char_frac=None, dup_para_char_frac=None, top_n_grams=(), dup_n_grams=())
FINEWEB_OFF = dict(line_punct_thr=-1, short_line_thr=2, char_duplicates_ratio=2, new_line_ratio=1e9)


def quality(language, **on):
    return GopherQualityFilter(**{**QUALITY_OFF, **on}, language=language)


def repetition(language, **on):
    return GopherRepetitionFilter(**{**REPETITION_OFF, **on}, language=language)


def fineweb(language, **on):
    return FineWebQualityFilter(**{**FINEWEB_OFF, **on}, language=language)


def rules(code, own):
    yield "gopher-quality/too-few-words", quality(code, min_doc_words=50), None
    yield "gopher-quality/too-many-words", quality(code, max_doc_words=1000), None
    yield "gopher-quality/words-too-short", quality(code, min_avg_word_length=3), None
    yield "gopher-quality/words-too-long", quality(code, max_avg_word_length=10), None
    yield "gopher-quality/too-many-hashes", quality(code, max_symbol_word_ratio=0.1), "gopher_too_many_hashes"
    yield "gopher-quality/too-many-ellipses", quality(code, max_symbol_word_ratio=0.1), "gopher_too_many_ellipsis"
    yield "gopher-quality/too-many-bullets", quality(code, max_bullet_lines_ratio=0.9), None
    yield "gopher-quality/too-many-cut-lines", quality(code, max_ellipsis_lines_ratio=0.3), None
    yield "gopher-quality/too-few-alphabetic-words", quality(code, max_non_alpha_words_ratio=0.8), None
    yield "gopher-quality/too-few-stop-words", quality(code, min_stop_words=2), None
    yield "gopher-repetition/duplicate-paragraphs", repetition(code, dup_para_frac=0.3), None
    yield "gopher-repetition/duplicate-paragraph-characters", repetition(code, dup_para_char_frac=0.2), None
    yield "gopher-repetition/duplicate-lines", repetition(code, dup_line_frac=0.3), None
    yield "gopher-repetition/duplicate-line-characters", repetition(code, dup_line_char_frac=0.2), None
    for n, limit in ((2, 0.2), (3, 0.18), (4, 0.16)):
        yield f"gopher-repetition/top-{n}-gram", repetition(code, top_n_grams=((n, limit),)), None
    for n, limit in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)):
        yield f"gopher-repetition/duplicate-{n}-grams", repetition(code, dup_n_grams=((n, limit),)), None
    yield "fineweb/no-text-lines", fineweb(code), None
    yield "fineweb/too-few-punctuated-lines", fineweb(code, line_punct_thr=0.12), "line_punct_ratio"
    yield "fineweb/too-many-short-lines", fineweb(code, short_line_thr=0.67), "short_line_ratio"
    yield "fineweb/repeated-line-characters", fineweb(code, char_duplicates_ratio=0.01), "char_dup_ratio"
    yield "fineweb/too-many-line-breaks", fineweb(code, new_line_ratio=0.3), "list_ratio"
    if own is None:
        return
    yield "fineweb2/duplicate-lines", repetition(code, dup_line_frac=own["dup_line_frac"]), None
    for n, limit in own["top_n_grams"]:
        yield f"fineweb2/top-{n}-gram", repetition(code, top_n_grams=((n, limit),)), None
    for n, limit in own["dup_n_grams"]:
        yield f"fineweb2/duplicate-{n}-grams", repetition(code, dup_n_grams=((n, limit),)), None
    yield "fineweb2/too-few-punctuated-lines", fineweb(code, line_punct_thr=own["line_punct_thr"]), "line_punct_ratio"
    yield "fineweb2/repeated-line-characters", fineweb(code, char_duplicates_ratio=0.1), "char_dup_ratio"
    yield "fineweb2/too-many-line-breaks", fineweb(code, new_line_ratio=own["new_line_ratio"]), "list_ratio"
    yield "fineweb2/words-too-short", quality(code, min_avg_word_length=own["min_avg_word_length"]), None
    yield "fineweb2/words-too-long", quality(code, max_avg_word_length=own["max_avg_word_length"]), None
    yield "fineweb2/too-few-alphabetic-words", quality(code, max_non_alpha_words_ratio=own["max_non_alpha_words_ratio"]), None
    yield "fineweb2/too-few-stop-words", quality(code, min_stop_words=2, stop_words=own["stopwords"]), None


def fineweb2(code, own):
    """FineWeb2's three filters, in its order and with its settings."""
    switched_off = dict(dup_para_frac=0, dup_line_char_frac=0, dup_para_char_frac=0)
    yield GopherRepetitionFilter(
        language=code, **switched_off, dup_line_frac=own["dup_line_frac"], top_n_grams=own["top_n_grams"], dup_n_grams=own["dup_n_grams"]
    )
    yield FineWebQualityFilter(
        language=code, short_line_thr=999, char_duplicates_ratio=0.1, line_punct_thr=own["line_punct_thr"], new_line_ratio=own["new_line_ratio"]
    )
    yield GopherQualityFilter(
        language=code,
        max_avg_word_length=own["max_avg_word_length"],
        min_avg_word_length=own["min_avg_word_length"],
        stop_words=own["stopwords"],
        max_non_alpha_words_ratio=own["max_non_alpha_words_ratio"],
        min_stop_words=2,
    )


NAMES = {
    "dup_line_frac": "duplicate-lines",
    **{f"top_{n}_gram": f"top-{n}-gram" for n in (2, 3, 4)},
    **{f"duplicated_{n}_n_grams": f"duplicate-{n}-grams" for n in range(5, 11)},
    "empty": "no-text-lines",
    "line_punct_ratio": "too-few-punctuated-lines",
    "char_dup_ratio": "repeated-line-characters",
    "list_ratio": "too-many-line-breaks",
    "gopher_short_doc": "too-few-words",
    "gopher_long_doc": "too-many-words",
    "gopher_below_avg_threshold": "words-too-short",
    "gopher_above_avg_threshold": "words-too-long",
    "gopher_too_many_hashes": "too-many-hashes",
    "gopher_too_many_ellipsis": "too-many-ellipses",
    "gopher_too_many_bullets": "too-many-bullets",
    "gopher_too_many_end_ellipsis": "too-many-cut-lines",
    "gopher_below_alpha_threshold": "too-few-alphabetic-words",
    "gopher_enough_stop_words": "too-few-stop-words",
}
C4_REASONS = {"lorem_ipsum": "lorem-ipsum", "curly_bracket": "curly-bracket", "too_few_sentences": "too-few-sentences"}


def verdict(filter, text):
    """(kept, reason), without the list of reasons a filter may also answer with True."""
    result = filter.filter(Document(text=text, id="0"))
    return (result, None) if isinstance(result, bool) else result


filters = {}
for line in sys.stdin:
    document = json.loads(line)
    language, text = document["language"], document["text"]
    if language not in filters:
        code = given["codes"][language]
        c4 = [(name, C4QualityFilter(filter_no_terminal_punct=punctuation, language=code)) for name, punctuation in (("c4", True), ("c4-fineweb", False))]
        c4.append(("c4-sentences", C4QualityFilter(split_paragraph=False, filter_no_terminal_punct=False, language=code)))
        own = given["settings"].get(language)
        filters[language] = (list(rules(code, own)), list(fineweb2(code, own)) if own else [], c4)
    alone, together, c4 = filters[language]
    fired, kept_texts = [], {}
    for name, filter, only in alone:
        try:
            kept, reason = verdict(filter, text)
        except ZeroDivisionError:  # a text without a word, which a filter with its other rules off does not expect
            continue
        if not kept and (only is None or reason == only) and not (name == "fineweb/no-text-lines" and reason != "empty"):
            fired.append(name)
    for filter in together:
        kept, reason = verdict(filter, text)
        if not kept:
            fired.append(f"fineweb2-first/{NAMES[reason]}")
            break
    for name, filter in c4:
        copy = Document(text=text, id="0")
        result = filter.filter(copy)
        if isinstance(result, tuple):
            fired.append(f"{name}/{C4_REASONS[result[1]]}")
        else:
            kept_texts[name] = copy.text
            if name == "c4" and not C4ParagraphFilter().paragraph_filter(copy.text):
                fired.append("c4/too-few-long-lines")
    print(json.dumps([fired, kept_texts]))
