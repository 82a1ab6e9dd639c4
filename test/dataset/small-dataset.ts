import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textColumn, type BinaryColumn } from '../../src/core/batch.ts'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import { textBuilder } from '../../src/core/text-builder.ts'
import { createDataset } from '../../src/dataset/format.ts'
import { layout } from '../../src/dataset/layout.ts'
import { openLedgerWriter } from '../../src/dataset/ledger-writer.ts'
import { appendEntries, readEntries, type ShardEntry } from '../../src/dataset/pages.ts'
import { absorb } from '../../src/dataset/resolve-shard.ts'
import { openShardWriter } from '../../src/dataset/shard.ts'
import { commitSnapshot, latestSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { openDroppedWriter, openTextWriter, readTextRow, sameText } from '../../src/dataset/text.ts'
import { addTotals, emptyTotals, type Totals } from '../../src/dataset/totals.ts'
import type { Store } from '../../src/storage/store.ts'

/** A folder that lives as long as the test that asks for it. */
export async function scratch(): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'quern-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export interface Doc {
  id: string
  url: string
  language: string
  text: string
  outcome: 'kept' | 'dropped'
  stage?: string
  rule?: string
  measured?: number
  limit?: number
  survivor?: string
  similarity?: number
  shard?: string
  shardRow?: number
  /** What stands beside its text as cut from it. */
  pieces?: Uint8Array
}

const tokenizer = { name: 'bytes', sha256: 'b'.repeat(64), vocabularySize: 256, dtype: 'uint16', endOfDocument: null, special: {} } as const
const rules = { name: 'small', stages: ['gopher-quality', 'exact-duplicates', 'near-duplicates'] }
const rulesSha256 = createHash('sha256').update(canonicalJson(rules)).digest('hex')

export const idOf = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 32)
const bytesOf = (ids: readonly string[]) => new Uint8Array(Buffer.from(ids.join(''), 'hex'))

/** The documents of one night: kept ones in two languages, one too short, an exact and a near duplicate of the first. */
export function nightDocs(night: number, kept = 20): Doc[] {
  const docs: Doc[] = Array.from({ length: kept }, (_, i) => ({
    id: idOf(`${night}/${i}`),
    url: `https://example.eu/${i}`,
    language: i % 3 === 0 ? 'mt' : 'lv',
    text: `Dokuments ${i} no nakts ${night}: ķēķis.`,
    outcome: 'kept',
  }))
  const first = docs[0] as Doc
  const drop = { outcome: 'dropped', language: 'lv' } as const
  docs.splice(5, 0, {
    ...drop,
    id: idOf(`${night}/short`),
    url: `https://example.eu/short`,
    text: 'īss',
    stage: 'gopher-quality',
    rule: 'too-few-words',
    measured: 1,
    limit: 50,
  })
  docs.push({
    ...drop,
    id: idOf(`${night}/copy`),
    url: '',
    text: first.text,
    stage: 'exact-duplicates',
    rule: 'same-text',
    survivor: first.id,
    similarity: 1,
  })
  docs.push({
    ...drop,
    id: idOf(`${night}/near`),
    url: `https://example.eu/near`,
    text: `${first.text}!`,
    stage: 'near-duplicates',
    rule: 'similar',
    measured: 0.9,
    limit: 0.8,
    survivor: first.id,
    similarity: 0.9,
  })
  return docs
}

/** Ways to publish something that is not true: each alters what is about to be written. */
export interface Lies {
  ledger?(docs: Doc[]): Doc[] | void
  shard?(docs: Doc[]): Doc[] | void
  text?(docs: Doc[]): Doc[] | void
  dropped?(docs: Doc[]): Doc[] | void
  tokens?(ids: Uint16Array): void
  entry?(entry: ShardEntry): ShardEntry
  snapshot?(snapshot: Snapshot): Snapshot
}

/** Publishes one night by hand, pressing each language's tail shard again with the new documents. Returns the snapshot. */
export async function publishNight(store: Store, night: number, docs: Doc[], lies: Lies = {}): Promise<Snapshot> {
  await createDataset(store)
  const parent = await latestSnapshot(store)
  const before = parent?.snapshot
  await store.put(layout.plan(rulesSha256), canonicalJson(rules))
  const shards: Record<string, Snapshot['shards'][string]> = { ...before?.shards }
  for (const language of [...new Set(docs.filter((doc) => doc.outcome === 'kept').map((doc) => doc.language))].sort()) {
    const old: ShardEntry[] = []
    for await (const entry of readEntries(store, 'shards', shards[language] ?? [])) old.push(entry)
    const tail = old.at(-1)
    const kept = [
      ...(tail === undefined ? [] : await readBack(store, tail)),
      ...docs.filter((doc) => doc.outcome === 'kept' && doc.language === language),
    ]
    const entry = await press(store, language, kept, tail, lies)
    kept.forEach((doc, row) => {
      doc.shard = entry.path
      doc.shardRow = row
    })
    shards[language] = await appendEntries(store, 'shards', shards[language] ?? [], [lies.entry?.(entry) ?? entry], tail === undefined ? 0 : 1)
  }
  const part = createHash('sha256').update(`part ${night}`).digest('hex')
  const gone = alter(
    docs.filter((doc) => doc.outcome === 'dropped'),
    lies.dropped,
  )
  const droppedWriter = await openDroppedWriter(store)
  await droppedWriter.write({
    rows: gone.length,
    docIds: bytesOf(gone.map((doc) => doc.id)),
    url: textColumn(gone.map((doc) => doc.url)),
    language: textColumn(gone.map((doc) => doc.language)),
    text: textColumn(gone.map((doc) => doc.text)),
  })
  const droppedEntry = await droppedWriter.close()
  const ledger = await writeLedger(store, alter(docs, lies.ledger), part, droppedEntry.path)
  const tonight = count(docs)
  const snapshot: Snapshot = {
    format: 'quern-snapshot/1',
    version: (before?.version ?? 0) + 1,
    parent: parent === undefined ? null : { version: parent.snapshot.version, sha256: parent.sha256 },
    commitId: `commit-of-night-${night}`,
    createdAt: '2026-11-22T00:00:00Z',
    operation: 'append',
    pipeline: { name: 'small', rulesSha256 },
    rules: { [rulesSha256]: layout.plan(rulesSha256) },
    tokenizer,
    inputs: await appendEntries(store, 'inputs', before?.inputs ?? [], [
      { source: 'web', path: `${night}.warc.gz`, bytes: 10, sha256: 'c'.repeat(64), licence: 'mixed' },
    ]),
    totals: before === undefined ? tonight : addTotals(before.totals, tonight),
    tonight,
    index: { runs: [] },
    ledger: await appendEntries(store, 'ledger', before?.ledger ?? [], ledger),
    dropped: await appendEntries(store, 'dropped', before?.dropped ?? [], [droppedEntry]),
    shards,
  }
  const told = lies.snapshot?.(structuredClone(snapshot)) ?? snapshot
  if ((await commitSnapshot(store, told)) !== 'committed') throw new Error('another run was first')
  return told
}

function alter(docs: Doc[], lie: ((docs: Doc[]) => Doc[] | void) | undefined): Doc[] {
  const copy = structuredClone(docs)
  return lie?.(copy) ?? copy
}

async function readBack(store: Store, shard: ShardEntry): Promise<Doc[]> {
  const docs: Doc[] = []
  for (let row = 0; row < shard.documents; row++) {
    const found = await readTextRow(store, shard.text.path, row)
    docs.push({ id: found?.['doc_id'] ?? '', url: found?.['url'] ?? '', language: shard.language, text: found?.['text'] ?? '', outcome: 'kept' })
  }
  return docs
}

function binaryColumn(rows: readonly Uint8Array[]): BinaryColumn {
  const builder = textBuilder()
  for (const row of rows) builder.appendBytes(row)
  return { ...builder.take(), type: 'binary' }
}

async function press(store: Store, language: string, kept: Doc[], tail: ShardEntry | undefined, lies: Lies): Promise<ShardEntry> {
  const writer = await openShardWriter(store, { language, tokenizer, sources: ['web'], version: '0.1.0' })
  const inShard = alter(kept, lies.shard)
  const texts = textColumn(inShard.map((doc) => doc.text))
  const ids = Uint16Array.from(texts.values)
  lies.tokens?.(ids)
  const nBytes = Uint32Array.from(inShard, (_, i) => (texts.offsets[i + 1] as number) - (texts.offsets[i] as number))
  await writer.write({
    rows: inShard.length,
    ids,
    offsets: texts.offsets,
    docIds: bytesOf(inShard.map((doc) => doc.id)),
    sourceIds: new Uint16Array(inShard.length),
    nBytes,
  })
  const beside = alter(kept, lies.text)
  const rows = beside.length
  const text = await openTextWriter(
    store,
    language,
    beside.some(({ pieces }) => pieces !== undefined),
  )
  await text.write({
    rows,
    docIds: bytesOf(beside.map((doc) => doc.id)),
    url: textColumn(beside.map((doc) => doc.url)),
    language: sameText(language, rows),
    text: textColumn(beside.map((doc) => doc.text)),
    title: sameText('', rows),
    author: sameText('', rows),
    published: sameText('', rows),
    licence_link: sameText('', rows),
    date: sameText('', rows),
    licence: sameText('mixed', rows),
    rights: sameText('', rows),
    page_licence: sameText('', rows),
    source: sameText('web', rows),
    extra: sameText('', rows),
    ...(beside.some(({ pieces }) => pieces !== undefined)
      ? { cut_pieces: binaryColumn(beside.map(({ pieces }) => pieces ?? new Uint8Array(0))) }
      : {}),
  })
  return { ...(await writer.close()), ...(await text.close()), absorbed: tail === undefined ? [] : absorb(tail) }
}

async function writeLedger(store: Store, docs: Doc[], part: string, dropped: string) {
  const label = (pick: (doc: Doc) => string | undefined) => {
    const labels = [...new Set(docs.map(pick).filter((name) => name !== undefined))]
    return { type: 'label', labels, indices: Int32Array.from(docs, (doc) => labels.indexOf(pick(doc) ?? '')) } as const
  }
  const number = (pick: (doc: Doc, row: number) => number | undefined) =>
    ({ type: 'number', values: Float64Array.from(docs, (doc, row) => pick(doc, row) ?? NaN) }) as const
  const length = (doc: Doc) => (doc.outcome === 'kept' ? Buffer.byteLength(doc.text) : undefined)
  const writer = await openLedgerWriter(store, ['words'], '0.1.0')
  await writer.writeRows(docs.length, {
    doc_id: { type: 'id', values: bytesOf(docs.map((doc) => doc.id)), present: null },
    url: textColumn(docs.map((doc) => doc.url)),
    source: label(() => 'web'),
    part: label(() => part),
    row: number((_, row) => row),
    file: label(() => 'night.warc.gz'),
    offset: number((_, row) => row * 100),
    length: number(() => 100),
    language: label((doc) => doc.language),
    outcome: label((doc) => doc.outcome),
    stage: label((doc) => doc.stage),
    rule: label((doc) => doc.rule),
    measured: number((doc) => doc.measured),
    limit: number((doc) => doc.limit),
    survivor: {
      type: 'id',
      values: bytesOf(docs.map((doc) => doc.survivor ?? '0'.repeat(32))),
      present: Uint8Array.from(docs, (doc) => (doc.survivor === undefined ? 0 : 1)),
    },
    similarity: number((doc) => doc.similarity),
    shard: label((doc) => doc.shard),
    shard_row: number((doc) => doc.shardRow),
    dropped_text: label((doc) => (doc.outcome === 'dropped' ? dropped : undefined)),
    n_bytes: number(length),
    n_tokens: number(length),
    words: number((doc) => doc.text.split(' ').length),
  })
  return writer.close()
}

function count(docs: readonly Doc[]): Totals {
  const totals = emptyTotals()
  const web = { read: docs.length, kept: 0, tokens: 0 }
  for (const doc of docs) {
    if (doc.outcome === 'dropped') {
      totals.dropped[`${doc.stage}/${doc.rule}`] = (totals.dropped[`${doc.stage}/${doc.rule}`] ?? 0) + 1
      continue
    }
    const bytes = Buffer.byteLength(doc.text)
    const language = (totals.byLanguage[doc.language] ??= { kept: 0, tokens: 0, bytes: 0 })
    for (const group of [web, language, totals]) {
      group.kept++
      group.tokens += bytes
    }
    language.bytes += bytes
    totals.textBytes += bytes
  }
  return { ...totals, read: docs.length, bySource: { web: { ...web, licence: 'mixed' } }, byLicence: { mixed: web } }
}
