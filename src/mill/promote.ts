import { mkdir, rm } from 'node:fs/promises'
import { rowBytes, textColumn, type TextColumn } from '../core/batch.ts'
import type { Encoder } from '../core/component.ts'
import { openArrow } from '../dataset/arrow-reader.ts'
import type { ShardEntry } from '../dataset/pages.ts'
import { openShardWriter } from '../dataset/shard.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { openTextWriter, sameText, type TextRows } from '../dataset/text.ts'
import { quernVersion } from '../dataset/version.ts'
import { sign } from '../native/minhash.ts'
import { SequenceIndex } from '../native/sequence-index.ts'
import type { Store } from '../storage/store.ts'
import { idsOf, type Orphan } from './erase-plan.ts'
import type { Rejudged } from './erase-ledger.ts'
import { asText } from './erase-shards.ts'
import { indexSettings, putRun, runFile, scratchFolder, type IndexRun } from './index-runs.ts'
import { keyPlan, rowKeys, rowUnits } from './key-plan.ts'
import type { RulesJson } from './keys.ts'
import { newPlacement } from './placement-file.ts'
import { cutTexts } from './select-texts.ts'
import { slice } from './sequence.ts'
import { outcomeLimits, startSequenceKeys } from './sequence-keys.ts'
import { sequenceRules } from './sequence-rules.ts'

export interface Promotion {
  readonly rejudged: ReadonlyMap<string, Rejudged>
  /** By language, to stand behind the others. */
  readonly shards: ReadonlyMap<string, readonly ShardEntry[]>
  readonly runs: readonly IndexRun[]
  readonly keyRuns: NonNullable<Snapshot['index']['keys']>
}

export interface PromotionStart {
  readonly store: Store
  readonly snapshot: Snapshot
  readonly rules: RulesJson
  /** Ids that are nobody's survivor: erased now and before. */
  readonly erased: Uint8Array
  readonly orphans: readonly Orphan[]
  readonly encoder: Encoder
}

interface Page {
  readonly orphan: Orphan
  readonly url: string
  readonly language: string
  readonly text: string
}

const batchRows = 1024

/**
 * Sequences documents again whose survivor is erased, in the order in which they were read and by the rules of the snapshot's
 * pipeline: one that no other kept document matches enters, in a shard of its own behind the others, and the next ones are
 * compared with it too. Whoever matches another kept document names that one now. Only those whose text was retained.
 * Memory: the texts of one object of dropped texts.
 */
export async function promote({ store, snapshot, rules, erased, orphans, encoder }: PromotionStart): Promise<Promotion> {
  const scratch = scratchFolder(store, 'promote')
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  const plan = keyPlan(rules.stages.map(({ use, config }) => ({ name: use, config })))
  const settings = indexSettings((name) => rules.stages.find(({ use }) => use === name)?.config)
  const index = settings === undefined ? undefined : new SequenceIndex({ ...settings, scratch, keepAll: false })
  for (const run of snapshot.index.runs) index?.addRun(await runFile(store, run))
  index?.erase(erased)
  const keyRuns = await Promise.all((snapshot.index.keys ?? []).map(async ({ stage, path }) => ({ stage, path: await store.localPath(path) })))
  const keys = startSequenceKeys(plan, keyRuns, scratch, erased)
  const sources = [...new Set(orphans.map(({ source }) => source))]
  const press = openPress(store, snapshot, rules.output.shardBytes, encoder, sources, plan.units !== undefined)
  const rejudged = new Map<string, Rejudged>()
  const entered: { readonly id: string; readonly place: Pressed; readonly cut: (Rejudged & { outcome: 'kept' })['cut'] }[] = []

  const limitOf = outcomeLimits(settings?.similarity ?? null, plan)

  async function decide(pages: readonly Page[]): Promise<void> {
    const rows = pages.length
    const ids = Buffer.from(pages.map(({ orphan }) => orphan.id).join(''), 'latin1')
    const columns = { url: textColumn(pages.map(({ url }) => url)), text: textColumn(pages.map(({ text }) => text)) }
    const signatures = plan.signed ? sign(columns.text, { ngram: 5, bands: plan.bands }) : undefined
    const placement = newPlacement(rows)
    const near = (from: number, to: number, candidates: Uint8Array): void => {
      if (index === undefined || signatures === undefined) return
      const decided = index.decide({ ids: ids.subarray(from * 16, to * 16), candidates, signatures: slice(signatures, from, to) })
      placement.outcome.set(decided.outcome, from)
      placement.survivor.set(decided.survivor, from * 16)
      placement.similarity.set(decided.similarity, from)
    }
    const units = rowUnits(plan, columns, rows)
    const chunk = {
      rows,
      ids,
      languages: new Uint32Array(rows),
      textBytes: new Uint32Array(rows),
      signatures,
      keys: rowKeys(plan, columns, rows),
    }
    const nextUnits = async () => {
      if (units === undefined) throw new RangeError('no stage of the pipeline cuts units')
      return units
    }
    // Runs that a part repeats are found in the whole part, which is gone: a promoted text keeps them.
    const lost = await keys.decide({ chunk, placement, first: 0, gone: undefined, nextUnits, repeats: undefined, near })
    const cut = cutTexts({ ids, texts: columns }, (row) => lost.get(row)?.ranges)
    for (const [row, page] of pages.entries()) {
      const outcome = placement.outcome[row] ?? 0
      if (outcome !== 0) {
        const survivor = placement.survivor.slice(row * 16, row * 16 + 16)
        rejudged.set(page.orphan.id, {
          outcome: 'dropped',
          rule: sequenceRules[outcome] ?? '',
          survivor,
          measured: placement.similarity[row] ?? NaN,
          limit: limitOf(outcome),
        })
        continue
      }
      const loss = lost.get(row)
      const pieces = cut.pieces && rowBytes(cut.pieces, row)
      const place = await press.add(page, rowBytes(cut.texts['text'] as TextColumn, row), pieces)
      const told = loss === undefined ? undefined : { stage: plan.units?.stage ?? '', bytes: loss.bytes, source: loss.source }
      entered.push({ id: page.orphan.id, place, cut: told })
    }
  }

  try {
    for await (const pages of pagesOf(store, orphans))
      for (let at = 0; at < pages.length; at += batchRows) await decide(pages.slice(at, at + batchRows))
    const shards = await press.close()
    for (const { id, place, cut } of entered) {
      const shard = shards.get(place.language)?.[place.shard]?.path ?? ''
      rejudged.set(id, { outcome: 'kept', shard, row: place.row, tokens: place.tokens, bytes: place.bytes, cut })
    }
    const runs: IndexRun[] = []
    for (const run of index?.finish().runs ?? []) runs.push(await putRun(store, run))
    const ownKeys: Promotion['keyRuns'] = []
    for (const { stage, path, documents } of keys.finish()) ownKeys.push({ stage, ...(await putRun(store, { path, documents })) })
    return { rejudged, shards, runs, keyRuns: ownKeys }
  } catch (error) {
    await press.abort()
    throw error
  } finally {
    index?.close()
    keys.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The texts of an object at a time, in the order of the documents. */
async function* pagesOf(store: Store, orphans: readonly Orphan[]): AsyncGenerator<Page[]> {
  const places = new Map(orphans.map(({ id }, i) => [id, i]))
  for (const path of new Set(orphans.flatMap(({ text }) => text ?? []))) {
    const found: [number, Page][] = []
    const reader = await openArrow(store, path)
    for (const block of reader.blocks.keys()) {
      const { rows, columns } = await reader.read(block)
      const id = idsOf({ values: columns['doc_id']?.values as Uint8Array })
      const [url, language, text] = ['url', 'language', 'text'].map((name) => asText(columns[name])) as [TextColumn, TextColumn, TextColumn]
      for (let row = 0; row < rows; row += 1) {
        const place = places.get(id(row))
        const orphan = orphans[place ?? -1]
        if (place === undefined || orphan?.text !== path) continue
        found.push([place, { orphan, url: stringIn(url, row), language: stringIn(language, row), text: stringIn(text, row) }])
      }
    }
    yield found.sort(([a], [b]) => a - b).map(([, page]) => page)
  }
}

const decoder = new TextDecoder()

function stringIn({ values, offsets }: TextColumn, row: number): string {
  return decoder.decode(values.subarray(offsets[row], offsets[row + 1]))
}

interface Pressed {
  readonly language: string
  /** Number among the language's new shards. */
  readonly shard: number
  readonly row: number
  readonly tokens: number
  readonly bytes: number
}

/** New shards, one of each language open at a time, cut by bytes of text as a night cuts them. */
function openPress(store: Store, snapshot: Snapshot, shardBytes: number, encoder: Encoder, sources: readonly string[], cutting: boolean) {
  const open = new Map<string, Awaited<ReturnType<typeof begin>>>()
  const done = new Map<string, ShardEntry[]>()

  async function begin(language: string) {
    const shard = await openShardWriter(store, { language, tokenizer: encoder.facts, sources, version: quernVersion })
    return { shard, text: await openTextWriter(store, language, cutting), rows: 0, bytes: 0 }
  }

  async function end(language: string): Promise<void> {
    const writers = open.get(language)
    if (writers === undefined) return
    open.delete(language)
    const beside = await writers.text.close()
    done.set(language, [...(done.get(language) ?? []), { ...(await writers.shard.close()), ...beside, absorbed: [] }])
  }

  return {
    async add({ orphan, url, language }: Page, bytes: Uint8Array, pieces: Uint8Array | undefined): Promise<Pressed> {
      const writers = open.get(language) ?? (await begin(language))
      open.set(language, writers)
      const text: TextColumn = { type: 'text', values: bytes, offsets: Int32Array.of(0, bytes.byteLength) }
      const { ids, offsets } = encoder.encode(text)
      const docIds = Buffer.from(orphan.id, 'latin1')
      const nothing = sameText('', 1)
      const rows: TextRows = {
        rows: 1,
        docIds,
        url: textColumn([url]),
        language: textColumn([language]),
        text,
        title: nothing,
        author: nothing,
        published: nothing,
        licence_link: nothing,
        rights: nothing,
        page_licence: nothing,
        date: nothing,
        licence: textColumn([snapshot.totals.bySource[orphan.source]?.licence ?? '']),
        source: textColumn([orphan.source]),
        extra: nothing,
        ...(pieces === undefined ? {} : { cut_pieces: { type: 'binary', values: pieces, offsets: Int32Array.of(0, pieces.byteLength) } }),
      }
      await writers.text.write(rows)
      const sourceIds = Uint16Array.of(sources.indexOf(orphan.source))
      await writers.shard.write({ rows: 1, ids, offsets, docIds, sourceIds, nBytes: Uint32Array.of(bytes.byteLength) })
      const place = { language, shard: done.get(language)?.length ?? 0, row: writers.rows, tokens: offsets[1] ?? 0, bytes: bytes.byteLength }
      writers.rows += 1
      writers.bytes += bytes.byteLength
      if (writers.bytes >= shardBytes) await end(language)
      return place
    },
    async close(): Promise<ReadonlyMap<string, readonly ShardEntry[]>> {
      for (const language of [...open.keys()].sort()) await end(language)
      return done
    },
    async abort(): Promise<void> {
      for (const { shard, text } of open.values()) await Promise.all([shard.abort(), text.abort()])
    },
  }
}
