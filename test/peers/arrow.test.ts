import { expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { openArrow } from '../../src/dataset/arrow-reader.ts'
import { openShardWriter } from '../../src/dataset/shard.ts'
import { openTextWriter, readTextRow } from '../../src/dataset/text.ts'
import { openStore } from '../../src/storage/store.ts'
import { runPython } from '../python.ts'
import { scratch } from '../dataset/small-dataset.ts'

const tokenizer = {
  name: 'test',
  sha256: 'a'.repeat(64),
  vocabularySize: 70_000,
  dtype: 'uint32',
  endOfDocument: 5,
  special: { '<eod>': 5 },
} as const

function documents(first: number, rows: number) {
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * 7)
  const ids = Uint32Array.from({ length: rows * 7 }, (_, i) => (first * 7 + i) % 70_000)
  const docIds = new Uint8Array(rows * 16)
  for (let row = 0; row < rows; row++) new DataView(docIds.buffer).setUint32(row * 16, first + row)
  return { rows, ids, offsets, docIds, sourceIds: new Uint16Array(rows).fill(3), nBytes: new Uint32Array(rows).fill(40) }
}

async function press(store: Awaited<ReturnType<typeof openStore>>, chunk: number) {
  const writer = await openShardWriter(store, { language: 'lv', tokenizer, sources: ['a', 'b', 'c', 'd'], version: '1' })
  for (let first = 0; first < 600_000; first += chunk) await writer.write(documents(first, Math.min(chunk, 600_000 - first)))
  return writer.close()
}

test('pyarrow maps a token shard without allocating a byte, and finds every batch where the manifest says', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const shard = await press(store, 9_999)
  expect(shard).toMatchObject({ documents: 600_000, tokens: 4_200_000, textBytes: 24_000_000 })
  expect(shard.batches.length).toBeGreaterThan(1)
  const seen = JSON.parse(
    runPython(
      `
import pyarrow as pa, sys, json
before = pa.total_allocated_bytes()
source = pa.memory_map(sys.argv[1])
table = pa.ipc.open_file(source).read_all()
allocated = pa.total_allocated_bytes() - before
table.validate(full=True)
reader = pa.ipc.open_file(source)
batches = []
for offset, meta, body, rows, tokens in json.loads(sys.argv[2]):
    source.seek(offset)
    batch = pa.ipc.read_record_batch(pa.ipc.read_message(source.read_buffer(meta + body)), reader.schema)
    assert batch.num_rows == rows and len(batch.column(0).flatten()) == tokens
    batches.append(batch)
assert pa.Table.from_batches(batches).equals(table)
stream = pa.ipc.open_stream(pa.py_buffer(open(sys.argv[1], 'rb').read()[8:]))
assert stream.read_all().equals(table)
aligned = all(b.address % 64 == 0 for c in table.columns for chunk in c.chunks for b in chunk.buffers() if b is not None)
print(json.dumps({
  'allocated': allocated, 'aligned': aligned, 'rows': table.num_rows, 'schema': [str(f.type) + ('' if f.nullable else ' not null') for f in table.schema],
  'sum': sum(table['input_ids'].combine_chunks().flatten().to_numpy().tolist()), 'last': table['doc_id'][-1].as_py().hex(),
  'metadata': {k.decode(): v.decode() for k, v in table.schema.metadata.items()}}))
`,
      [await store.localPath(shard.path), JSON.stringify(shard.batches)],
    ),
  )
  expect(seen).toMatchObject({
    allocated: 0,
    aligned: true,
    rows: 600_000,
    schema: ['list<item: uint32 not null> not null', 'fixed_size_binary[16] not null', 'uint16 not null', 'uint32 not null'],
    sum: documents(0, 600_000).ids.reduce((sum, id) => sum + id, 0),
    last: '000927bf000000000000000000000000',
    metadata: { language: 'lv', tokenizer_sha256: tokenizer.sha256, vocabulary_size: '70000', end_of_document: '5', sources: '["a","b","c","d"]' },
  })
})

test('a shard has the same bytes however its rows arrive', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  expect((await press(store, 100_001)).sha256).toBe((await press(store, 4_096)).sha256)
})

test('pyarrow reads compressed text, and so does our reader, row by row', async () => {
  await using folder = await scratch()
  const store = await openStore(folder.path)
  const rows = 10_000
  const texts = Array.from({ length: rows }, (_, i) => (i === 7 ? '' : `Dokuments nr. ${i}: ķēķis, žagata un šķūnis. `.repeat(5)))
  const writer = await openTextWriter(store, 'lv', false)
  const empty = textColumn(texts.map(() => ''))
  await writer.write({
    ...documents(0, rows),
    url: textColumn(texts.map((_, i) => `https://example.lv/${i}`)),
    language: textColumn(texts.map(() => 'lv')),
    text: textColumn(texts),
    title: empty,
    author: empty,
    published: empty,
    licence_link: empty,
    date: empty,
    licence: empty,
    rights: empty,
    page_licence: empty,
    source: empty,
    extra: empty,
  })
  const { text: file } = await writer.close()
  const seen = runPython(
    `
import pyarrow as pa, sys, hashlib
table = pa.ipc.open_file(sys.argv[1]).read_all()
table.validate(full=True)
print(table.num_rows, hashlib.sha256(''.join(table['text'].to_pylist()).encode()).hexdigest(), table['url'][9999], table['title'][3].as_py() == '')
`,
    [await store.localPath(file.path)],
  )
  const { createHash } = await import('node:crypto')
  expect(seen.trim()).toBe(`10000 ${createHash('sha256').update(texts.join('')).digest('hex')} https://example.lv/9999 True`)
  expect(file.bytes).toBeLessThan(1_000_000)
  expect(await readTextRow(store, file.path, 8_123)).toMatchObject({
    text: texts[8_123],
    url: 'https://example.lv/8123',
    doc_id: '00001fbb000000000000000000000000',
  })
  expect(await readTextRow(store, file.path, rows)).toBeUndefined()
  const reader = await openArrow(store, file.path)
  expect(reader.blocks.length).toBe(3)
  expect(Object.keys((await reader.read(1, ['url'])).columns)).toEqual(['url'])
})
