import * as z from 'zod'
import { type BinaryColumn, rowBytes, type TextColumn } from '../../core/batch.ts'
import { QuernError } from '../../core/errors.ts'
import { textBuilder } from '../../core/text-builder.ts'
import type { Store } from '../../storage/store.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { eachDocId } from '../each-doc-id.ts'
import { openArrow } from '../arrow-reader.ts'
import type { ArrowColumn } from '../arrow-schema.ts'
import { cutPieces, decodePieces } from '../cut-pieces.ts'
import { hostsOf, hostsSchema } from '../hosts.ts'
import type { DroppedEntry, ShardEntry } from '../pages.ts'
import { shardSchema } from '../shard.ts'
import { parseObject } from '../parse-object.ts'
import type { Snapshot } from '../snapshot.ts'
import { cutTextSchema, droppedTextSchema, keptTextSchema } from '../text.ts'
import type { Findings } from './findings.ts'

/** What a snapshot says that is true of all of its shards. */
type ShardFacts = Pick<Snapshot, 'tokenizer'>

/**
 * One token shard and the text beside it, both known to have the right bytes: what is in them against what is said of them.
 * `withText` is false where the text was left behind, `withHosts` where the hosts were.
 */
export async function checkShard(
  store: Store,
  snapshot: ShardFacts,
  language: string,
  shard: ShardEntry,
  findings: Findings,
  withText = true,
  withHosts = true,
): Promise<void> {
  const { path } = shard
  findings.check(shard.language === language, () => `${path} is listed under ${language}, but is of ${shard.language}`)
  await findings.attempt(async () => {
    const { docIds, nBytes } = await checkTokens(store, snapshot, shard, findings)
    if (withText) await checkText(store, shard, docIds, nBytes, findings)
    if (shard.hosts !== undefined && withHosts) await checkHosts(store, shard, shard.hosts.path, findings, withText)
    await checkAbsorbed(store, shard, docIds, findings)
  })
}

async function checkTokens(store: Store, snapshot: ShardFacts, shard: ShardEntry, findings: Findings) {
  const { path } = shard
  const { tokenizer } = snapshot
  const reader = await openArrow(store, path)
  const schema = shardSchema({ language: shard.language, tokenizer, sources: [], version: '' })
  findings.check(canonicalJson(reader.schema.fields) === canonicalJson(schema.fields), () => `${path} does not have the columns of a token shard`)
  for (const name of ['quern.format', 'language', 'tokenizer_sha256', 'vocabulary_size', 'end_of_document', 'special_tokens']) {
    const [found, expected] = [reader.schema.metadata[name], schema.metadata[name]]
    findings.check(found === expected, () => `${path} says ${name} = ${found}, and the snapshot ${expected}`)
  }
  const sources = parseObject(z.array(z.string()), new TextEncoder().encode(reader.schema.metadata['sources']), `the sources of ${path}`)
  const docIds = new Uint8Array(shard.documents * 16)
  const nBytes = new Float64Array(shard.documents)
  let row = 0
  let tokens = 0
  findings.check(
    reader.blocks.length === shard.batches.length,
    () => `${path} has ${reader.blocks.length} batches, and its manifest says ${shard.batches.length}`,
  )
  for (const [index, block] of reader.blocks.entries()) {
    const { rows, columns } = await reader.read(index)
    const ids = columns['input_ids'] as ArrowColumn
    const place = [block.offset, block.metaLength, block.bodyLength, rows, ids.values.length]
    findings.check(
      canonicalJson(place) === canonicalJson(shard.batches[index] ?? []),
      () =>
        `batch ${index} of ${path} is ${place.join(' ')} (offset, lengths, rows, tokens), and its manifest says ${shard.batches[index]?.join(' ')}`,
    )
    const largest = maximum(ids.values as Uint16Array)
    findings.check(
      largest < tokenizer.vocabularySize,
      () => `batch ${index} of ${path} has the token id ${largest}, and the vocabulary ends at ${tokenizer.vocabularySize}`,
    )
    const source = maximum((columns['source_id'] as ArrowColumn).values as Uint16Array)
    findings.check(
      rows === 0 || source < sources.length,
      () => `batch ${index} of ${path} has the source ${source}, and its metadata names ${sources.length}`,
    )
    if (row + rows <= shard.documents) {
      docIds.set((columns['doc_id'] as ArrowColumn).values as Uint8Array, row * 16)
      nBytes.set((columns['n_bytes'] as ArrowColumn).values as Uint32Array, row)
    }
    row += rows
    tokens += ids.values.length
  }
  findings.check(row === shard.documents, () => `${path} has ${row} documents, and its manifest says ${shard.documents}`)
  findings.check(tokens === shard.tokens, () => `${path} has ${tokens} tokens, and its manifest says ${shard.tokens}`)
  const bytes = nBytes.reduce((sum, n) => sum + n, 0)
  findings.check(bytes === shard.textBytes, () => `the texts of ${path} have ${bytes} bytes, and its manifest says ${shard.textBytes}`)
  return { docIds, nBytes }
}

/** Row for row: the same documents in the same order, with texts of the lengths that the shard names. */
async function checkText(store: Store, shard: ShardEntry, docIds: Uint8Array, nBytes: Float64Array, findings: Findings): Promise<void> {
  const { path } = shard.text
  const reader = await openArrow(store, path)
  const cutting = reader.schema.fields[cutPieces] !== undefined
  const { fields } = cutting ? cutTextSchema : keptTextSchema
  findings.check(canonicalJson(reader.schema.fields) === canonicalJson(fields), () => `${path} does not have the columns of kept text`)
  let row = 0
  for (const index of reader.blocks.keys()) {
    const { rows, columns } = await reader.read(index, ['doc_id', 'text', cutPieces])
    const ids = (columns['doc_id'] as ArrowColumn).values as Uint8Array
    const offsets = (columns['text'] as ArrowColumn).offsets as Int32Array
    const pieces = columns[cutPieces] as BinaryColumn | undefined
    for (let i = 0; i < rows && row + i < shard.documents; i++) {
      const same = Buffer.compare(ids.subarray(i * 16, i * 16 + 16), docIds.subarray((row + i) * 16, (row + i) * 16 + 16)) === 0
      if (!same)
        findings.check(false, () => `row ${row + i} of ${path} is ${hex(ids, i)}, and beside it in ${shard.path} lies ${hex(docIds, row + i)}`)
      const length = (offsets[i + 1] as number) - (offsets[i] as number)
      if (length !== nBytes[row + i])
        findings.check(false, () => `the text in row ${row + i} of ${path} has ${length} bytes, and ${shard.path} says ${nBytes[row + i]}`)
      if (pieces !== undefined && decodePieces(length, rowBytes(pieces, i)) === undefined)
        findings.check(false, () => `what was cut from the text in row ${row + i} of ${path} does not fit it`)
    }
    findings.counted(rows * (cutting ? 3 : 2))
    row += rows
  }
  findings.check(row === shard.documents, () => `${path} has ${row} rows, and ${shard.path} beside it ${shard.documents} documents`)
}

/** Row for row the hosts of the addresses in the kept text, where that is here. */
async function checkHosts(store: Store, shard: ShardEntry, path: string, findings: Findings, withText: boolean): Promise<void> {
  const reader = await openArrow(store, path)
  findings.check(canonicalJson(reader.schema.fields) === canonicalJson(hostsSchema.fields), () => `${path} does not have the column of hosts`)
  const names = textBuilder()
  for (const index of reader.blocks.keys()) {
    const { rows, columns } = await reader.read(index)
    for (let row = 0; row < rows; row += 1) names.append(columns['host'] as TextColumn, row)
  }
  const { rows } = names
  findings.check(rows === shard.documents, () => `${path} has ${rows} rows, and ${shard.path} beside it ${shard.documents} documents`)
  if (!withText) return
  const hosts = names.take()
  const texts = await openArrow(store, shard.text.path)
  let row = 0
  for (const index of texts.blocks.keys()) {
    const wanted = hostsOf((await texts.read(index, ['url'])).columns['url'] as TextColumn)
    for (let i = 0; i + 1 < wanted.offsets.length && row < rows; i += 1, row += 1) {
      const same = Buffer.compare(rowBytes(hosts, row), rowBytes(wanted, i)) === 0
      if (!same) findings.check(false, () => `the host in row ${row} of ${path} is not that of the address in ${shard.text.path}`)
    }
    findings.counted(wanted.offsets.length - 1)
  }
}

/** A shard begins with the rows of those it absorbed, as far as they are still stored. */
async function checkAbsorbed(store: Store, shard: ShardEntry, docIds: Uint8Array, findings: Findings): Promise<void> {
  for (const { path, documents } of shard.absorbed) {
    if (
      !findings.check(
        documents <= shard.documents,
        () => `${shard.path} says that it absorbed ${documents} documents of ${path}, but has ${shard.documents}`,
      )
    )
      continue
    // The old shard belongs to an older snapshot: whether it is whole is that one's question, and it may be gone.
    const old = await idsOf(store, path)
    if (old === undefined) continue
    const row = old.byteLength / 16
    findings.check(
      Buffer.compare(old, docIds.subarray(0, old.byteLength)) === 0,
      () => `${shard.path} does not begin with the rows of ${path}, which it says it absorbed`,
    )
    findings.check(row === documents, () => `${shard.path} says that it absorbed ${documents} documents of ${path}, which has ${row}`)
  }
}

async function idsOf(store: Store, path: string): Promise<Uint8Array | undefined> {
  try {
    const parts: Uint8Array[] = []
    await eachDocId(store, path, (ids) => parts.push(ids))
    return Buffer.concat(parts)
  } catch (error) {
    if (error instanceof QuernError) return undefined
    throw error
  }
}

export async function checkDropped(store: Store, entry: DroppedEntry, findings: Findings): Promise<void> {
  await findings.attempt(async () => {
    const reader = await openArrow(store, entry.path)
    findings.check(
      canonicalJson(reader.schema.fields) === canonicalJson(droppedTextSchema.fields),
      () => `${entry.path} does not have the columns of dropped text`,
    )
    let rows = 0
    for (const index of reader.blocks.keys()) rows += (await reader.read(index)).rows
    findings.check(rows === entry.documents, () => `${entry.path} has ${rows} documents, and its manifest says ${entry.documents}`)
  })
}

function maximum(values: Uint16Array | Uint32Array): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > largest) largest = values[i] as number
  return largest
}

export function hex(ids: Uint8Array, row: number): string {
  return Buffer.from(ids.subarray(row * 16, row * 16 + 16)).toString('hex')
}
