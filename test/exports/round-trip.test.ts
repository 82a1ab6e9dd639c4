import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exportDataset, type ExportOptions } from '../../src/exports/export.ts'
import type { ExportManifest, FormatName } from '../../src/exports/manifest.ts'
import { readSnapshot } from '../../src/dataset/snapshot.ts'
import { openStore } from '../../src/storage/store.ts'
import { scratch } from '../quern.ts'
import { read, readPlainly } from './readers.ts'
import { idOf, someDocuments, type Tokens, writeTokens } from './token-dataset.ts'

/** Publishes the documents and exports them; returns the folder that holds the export as `export`. */
async function exported(
  tokens: Tokens,
  options: Partial<ExportOptions> & { format: FormatName },
): Promise<{ folder: string; manifest: ExportManifest }> {
  const folder = scratch()
  const store = await openStore(join(folder, 'dataset'))
  await writeTokens(store, tokens)
  const { manifest } = await exportDataset(store, await readSnapshot(store), join(folder, 'export'), {
    languages: [],
    seqLen: null,
    endToken: null,
    ...options,
  })
  return { folder, manifest }
}

const narrow: Tokens = {
  vocabularySize: 50_000,
  endOfDocument: 7,
  languages: { de: someDocuments(60, 50_000, 7, 1), mt: someDocuments(9, 50_000, 7, 2), 'zh-Hant': [[65, 7]] },
}
const wide: Tokens = { ...narrow, vocabularySize: 100_278, endOfDocument: 100_257, languages: { de: someDocuments(60, 100_278, 100_257, 3) } }
const withoutEnd: Tokens = { ...narrow, endOfDocument: null, languages: { de: someDocuments(60, 50_000, null, 4) } }
/** Files of a few documents, chunks that one document is too large for. */
const small = { limits: { fileTokens: 1500, chunkBytes: 512 } }
const kinds = [
  { kind: 'ids of two bytes', tokens: narrow },
  { kind: 'ids of four bytes', tokens: wide },
  { kind: 'no end of document', tokens: withoutEnd },
]

function byLanguage(tokens: Tokens, expected: (documents: readonly (readonly number[])[], language: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tokens.languages).map(([language, documents]) => [language, expected(documents, language)]))
}

test.each(kinds)('megatron: IndexedDataset gives every document, $kind', async ({ tokens }) => {
  const { folder, manifest } = await exported(tokens, { format: 'megatron' })
  expect(manifest.dtype).toBe(tokens === wide ? 'int32' : 'uint16')
  const told = read(
    folder,
    `from megatron.core.datasets.indexed_dataset import IndexedDataset
result = {}
for language in ${JSON.stringify(Object.keys(tokens.languages))}:
    d = IndexedDataset(f"export/{language}")
    slow = IndexedDataset(f"export/{language}", mmap=False)
    result[language] = [[ids(d[i]) for i in range(len(d))], [ids(slow.get(i)) for i in range(len(slow))], ids(d.document_indices)]`,
  )
  expect(told).toEqual(byLanguage(tokens, (documents) => [documents, documents, [...documents.keys(), documents.length]]))
})

test.each(kinds)('mds: StreamingDataset gives every document with its id, and the bytes are those of MDSWriter, $kind', async ({ tokens }) => {
  const { folder, manifest } = await exported(tokens, { format: 'mds', ...small })
  expect(manifest.files.filter(({ path }) => path.startsWith('de/shard.')).length).toBeGreaterThan(10)
  const type = tokens === wide ? 'uint32' : 'uint16'
  const { documents, names } = read<{ documents: unknown; names: string[] }>(
    folder,
    `import glob
from streaming import MDSWriter, StreamingDataset
documents = {}
for language in ${JSON.stringify(Object.keys(tokens.languages))}:
    d = StreamingDataset(local=f"export/{language}", batch_size=1, validate_hash="sha256")
    documents[language] = [str(d[0]["tokens"].dtype), [[d[i]["doc_id"], ids(d[i]["tokens"])] for i in range(d.num_samples)]]
    columns = {"doc_id": "str", "tokens": "ndarray:${type}"}
    with MDSWriter(out=f"theirs/{language}", columns=columns, hashes=["sha256"], size_limit=512) as writer:
        for doc_id, tokens in documents[language][1]:
            writer.write({"doc_id": doc_id, "tokens": np.array(tokens, "${type}")})
result = {"documents": documents, "names": sorted(glob.glob("*/*", root_dir="theirs"))}`,
  )
  expect(documents).toEqual(byLanguage(tokens, (documents, language) => [type, documents.map((document, i) => [idOf(language, i), document])]))
  expect(names).toEqual(manifest.files.map(({ path }) => path).filter((path) => path !== 'README.md'))
  for (const name of names) expect(readFileSync(join(folder, 'export', name)).equals(readFileSync(join(folder, 'theirs', name))), name).toBe(true)
})

test('mds: rows of one length hold all tokens but the last, incomplete row', async () => {
  const { folder, manifest } = await exported(narrow, { format: 'mds', seqLen: 33, ...small })
  const all = narrow.languages['de']?.flat() ?? []
  expect(
    read<number[][]>(
      folder,
      `from streaming import StreamingDataset
d = StreamingDataset(local="export/de", batch_size=1)
result = [ids(d[i]["tokens"]) for i in range(d.num_samples)]`,
    ),
  ).toEqual(Array.from({ length: Math.floor(all.length / 33) }, (_, i) => all.slice(33 * i, 33 * i + 33)))
  expect(manifest.languages['de']).toMatchObject({ tokens: all.length, leftOver: all.length % 33 })
  expect(manifest.languages['zh-Hant']).toMatchObject({ documents: 1, tokens: 2, leftOver: 2 })
  expect(manifest.files.some(({ path }) => path.startsWith('zh-Hant/'))).toBe(false)
})

test.each(kinds)('datatrove: every token and where its document began, $kind', async ({ tokens }) => {
  const { folder, manifest } = await exported(tokens, { format: 'datatrove', ...small })
  expect(manifest.files.filter(({ path }) => /^de\/.*\.ds$/.test(path)).length).toBeGreaterThan(3)
  const told = read(
    folder,
    `from glob import glob
from datatrove.utils.dataset import DatatroveFolderDataset
result = {}
for language in ${JSON.stringify(Object.keys(tokens.languages))}:
    d = DatatroveFolderDataset(f"export/{language}", seq_len=0, token_size=${tokens === wide ? 4 : 2})
    ends = [np.fromfile(path, np.uint64) for path in sorted(glob(f"export/{language}/*.index"))]
    base = np.cumsum([0] + [len(file) for file in d.files])
    tokens = [int(d[i]["input_ids"][0]) for i in range(len(d))]
    result[language] = [tokens, [int(end) + int(base[i]) for i, own in enumerate(ends) for end in own]]`,
  )
  expect(told).toEqual(byLanguage(tokens, (documents) => [documents.flat(), documents.map((_, i) => documents.slice(0, i + 1).flat().length)]))
})

test('datatrove: positions begin anew in every document', async () => {
  const { folder } = await exported(narrow, { format: 'datatrove', languages: ['de'] })
  const positions = (narrow.languages['de'] ?? []).flatMap((document) => [...document.keys()])
  const windows = read<number[][]>(
    folder,
    `from datatrove.utils.dataset import DatatroveFolderDataset
d = DatatroveFolderDataset("export/de", seq_len=63, token_size=2, return_positions=True)
result = [ids(d[i]["positions"]) for i in range(len(d))]`,
  )
  expect(windows.length).toBe(Math.floor(positions.length / 64))
  windows.forEach((window, i) => {
    const own = positions.slice(64 * i, 64 * i + 64)
    const firstEnd = own.indexOf(0) === -1 ? 64 : own.indexOf(0)
    // Within a window it counts from 0: a document that began before it is not known to have.
    expect(window).toEqual(own.map((position, at) => (at < firstEnd ? at : position)))
  })
})

test('datatrove: the bytes are those of its TokenizedFile', async () => {
  const { folder } = await exported(narrow, { format: 'datatrove', languages: ['de'] })
  const names = read<string[]>(
    folder,
    `import os
from datatrove.io import get_datafolder
from datatrove.pipeline.tokens.tokenizer import TokenizedFile
file = TokenizedFile(get_datafolder("theirs"), "de_00000.ds", tokenizer_name_or_path="numbers.json", token_size=2, save_final_metadata=True)
for tokens in ${JSON.stringify(narrow.languages['de'])}:
    file.write(tokens, None)
file.close()
result = sorted(os.listdir("theirs"))`,
  )
  expect(names).toEqual(['de_00000.ds', 'de_00000.ds.index', 'de_00000.ds.metadata'])
  for (const name of names) expect(readFileSync(join(folder, 'export/de', name))).toEqual(readFileSync(join(folder, 'theirs', name)))
})

test.each([...kinds.map((kind) => ({ ...kind, block: 65 })), { kind: 'a block larger than a chunk', tokens: narrow, block: 700 }])(
  'litdata: TokensLoader gives every block, $kind',
  async ({ tokens, block }) => {
    const { folder, manifest } = await exported(tokens, { format: 'litdata', seqLen: block, ...small })
    const all = tokens.languages['de']?.flat() ?? []
    expect(manifest.languages['de']).toMatchObject({ tokens: all.length, leftOver: all.length % block })
    expect(
      read(
        folder,
        `from litdata import StreamingDataset, TokensLoader
d = StreamingDataset("export/de", item_loader=TokensLoader(block_size=${block}))
result = [str(d[0].dtype), [ids(d[i]) for i in range(len(d))], sum(1 for _ in d)]`,
      ),
    ).toEqual([
      tokens === wide ? 'uint32' : 'uint16',
      Array.from({ length: Math.floor(all.length / block) }, (_, i) => all.slice(block * i, block * (i + 1))),
      Math.floor(all.length / block),
    ])
  },
)

test.each([
  { kind: 'ids of two bytes', tokens: narrow, end: 7, type: 'uint16' },
  { kind: 'ids of four bytes', tokens: wide, end: 100_257, type: 'uint32' },
  { kind: 'an end token of its own', tokens: withoutEnd, end: 50_000, type: 'uint16' },
  { kind: 'an end token beyond two bytes', tokens: withoutEnd, end: 70_000, type: 'uint32' },
  { kind: 'ids of one byte', tokens: { ...narrow, vocabularySize: 256, languages: { de: someDocuments(60, 256, 7, 5) } }, end: 7, type: 'uint8' },
])('olmo: NumpyFSLDataset gives every token, and both ways to find documents agree, $kind', async ({ tokens, end, type }) => {
  const { folder, manifest } = await exported(tokens, { format: 'olmo', endToken: tokens === withoutEnd ? end : null, ...small })
  expect(manifest).toMatchObject({ dtype: type, endOfDocument: end })
  expect(manifest.files.filter(({ path }) => /^de\/.*\.npy$/.test(path)).length).toBeGreaterThan(3)
  const documents = (tokens.languages['de'] ?? []).map((document) => (tokens === withoutEnd ? [...document, end] : document))
  expect(
    read(
      folder,
      `from glob import glob
from olmo_core.data import NumpyFSLDataset
from olmo_core.data.utils import iter_document_indices
paths = sorted(glob("export/de/*.npy"))
settings = dict(dtype=np.${type}, vocab_size=${Math.max(tokens.vocabularySize, end + 1)}, eos_token_id=${end}, pad_token_id=${end})
d = NumpyFSLDataset(*paths, sequence_length=1, **settings)
told = [[ids(np.fromfile(p, np.${type})[a:b]) for a, b in iter_document_indices(p, use_array_if_local=False)] for p in paths]
found = [[ids(np.fromfile(p, np.${type})[a:b]) for a, b in iter_document_indices(p, eos_token_id=${end}, dtype=np.${type})] for p in paths]
result = [[int(d[i]["input_ids"][0]) for i in range(len(d))], sum(told, []), sum(found, [])]`,
    ),
  ).toEqual([documents.flat(), documents, documents])
})

test.each(kinds)('parquet: pyarrow and Hugging Face datasets give every row, $kind', async ({ tokens }) => {
  const { folder, manifest } = await exported(tokens, { format: 'parquet', limits: { fileTokens: 8 * 1500, chunkBytes: 512 } })
  expect(manifest.files.filter(({ path }) => /^de\/.*\.parquet$/.test(path)).length).toBeGreaterThan(3)
  const rows = Object.entries(tokens.languages).flatMap(([language, documents]) =>
    documents.map((document, i) => [idOf(language, i), language, (i % 7) % 2 === 0 ? 'web' : 'wiki', 4 * document.length, document]),
  )
  expect(
    readPlainly(
      folder,
      `from glob import glob
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import load_dataset
paths = sorted(glob("export/*/*.parquet"))
table = pa.concat_tables([pq.read_table(path, partitioning=None) for path in paths])
table.validate(full=True)
columns = table.to_pydict()
rows = load_dataset("parquet", data_files=paths, split="train")
meta = pq.read_metadata(paths[0]).metadata[b"tokenizer_sha256"].decode()
names = ["language", "source", "n_bytes", "input_ids"]
result = [meta, str(table.schema.field("input_ids").type), [[i.hex(), *row] for i, *row in zip(columns["doc_id"], *[columns[n] for n in names])], rows["input_ids"][:], [str(f) for f in rows.features.values()][-1]]`,
    ),
  ).toEqual(['b'.repeat(64), `list<element: ${manifest.dtype} not null>`, rows, rows.map((row) => row.at(-1)), `List(Value('${manifest.dtype}'))`])
})
