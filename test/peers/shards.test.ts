import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPython } from '../python.ts'
import { quernJson, root, scratch, type RunSummary } from '../quern.ts'

test('every shard of the sample maps into pyarrow without a copy, and its ids are those of the reference tokenizer', { timeout: 300_000 }, () => {
  const out = join(scratch(), 'sample')
  const summary = quernJson<RunSummary>(['run', 'pipelines/sample.yaml', '--out', out])
  const script = `
import glob, json, sys
import pyarrow as pa
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

dataset, tokenizer_file = sys.argv[1:]
spec = json.load(open(tokenizer_file))
special = [t["content"] for t in spec["added_tokens"] if t["special"]]
# A page's text must not be able to write a special token: the reference gets a file without them.
spec["added_tokens"] = [t for t in spec["added_tokens"] if not t["special"]]
reference = Tokenizer.from_str(json.dumps(spec))
documents = tokens = differing = copied = 0
for path in sorted(glob.glob(f"{dataset}/data/*/*.arrow")):
    before = pa.total_allocated_bytes()
    table = pa.ipc.open_file(pa.memory_map(path)).read_all()
    copied += pa.total_allocated_bytes() - before
    table.validate(full=True)
    end = table.schema.metadata[b"end_of_document"].decode()
    ids = {row["doc_id"]: row["input_ids"] for row in table.select(["doc_id", "input_ids"]).to_pylist()}
    documents += len(ids)
    for row in ids.values():
        tokens += len(row)
    texts = {}
    for text_path in glob.glob(f"{dataset}/text/*/*.arrow"):
        for row in pa.ipc.open_file(text_path).read_all().select(["doc_id", "text"]).to_pylist():
            texts[row["doc_id"]] = row["text"]
    for doc, got in ids.items():
        want = reference.encode(texts[doc], add_special_tokens=False).ids + ([int(end)] if end else [])
        differing += got != want
print(json.dumps({"documents": documents, "tokens": tokens, "differing": differing, "copied": copied}))
`
  const seen = JSON.parse(runPython(script, [out, join(root, 'data-samples/tokenizer.json')])) as Record<string, number>
  expect(seen).toEqual({ documents: summary.kept, tokens: summary.tokens, differing: 0, copied: 0 })
})
