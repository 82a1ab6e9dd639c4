import type { Encoder } from '../core/component.ts'
import type { Lease } from '../dataset/lease.ts'
import { type DroppedEntry, readEntries } from '../dataset/pages.ts'
import { readTexts } from '../dataset/read-texts.ts'
import { pathsOfShard } from '../dataset/resolve-shard.ts'
import { commitSnapshot, type FoundSnapshot, latestSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { readNamed } from '../dataset/suppress.ts'
import { openDroppedWriter } from '../dataset/text.ts'
import type { Store } from '../storage/store.ts'
import { idsOf, type Orphan } from './erase-plan.ts'
import type { Rejudged } from './erase-ledger.ts'
import { pickTexts } from './erase-shards.ts'
import { joinIds, packIds } from './id-files.ts'
import { readErased } from './index-runs.ts'
import { ownRules, type RulesJson } from './keys.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { promote } from './promote.ts'
import { planReplacement, type ReplaceablePage } from './replace-plan.ts'
import { retains } from './retained-rows.ts'
import { type Changes, rewrittenSnapshot } from './rewritten-snapshot.ts'
import { type AgainStart, pagesOf, sequenceAgain } from './sequence-again.ts'
import { tailShards } from './tails.ts'

export interface Replaced {
  readonly snapshot: Snapshot
  /** Published pages that a newer version stands for now. */
  readonly pages: number
}

export interface ReplaceOptions {
  readonly lease: Lease
  /** Opens the tokenizer of the dataset. */
  readonly encoder: () => Promise<Encoder>
  readonly say: (line: string) => void
}

/**
 * Puts newer versions of published pages in their place, as the next snapshot: those that wait in the newest one, whichever run left
 * them. A version comes in by the rules of a night, as if the page had never been there; where none does, the page stays. What was
 * dropped for a page that goes is sequenced again after the versions. If another run publishes meanwhile, it is done again on top of
 * that. Older snapshots and their files stay. Undefined when nothing waits.
 */
export async function replacePages(store: Store, { lease, encoder, say }: ReplaceOptions): Promise<Replaced | undefined> {
  for (;;) {
    const parent = await latestSnapshot(store)
    const waiting = parent?.snapshot.index.versions
    if (parent === undefined || waiting === undefined) return undefined
    say(`replacing: ${waiting.documents} newer versions of published pages`)
    const { pages, snapshot } = await replaceIn(store, parent, waiting.path, encoder)
    await lease.check()
    if ((await commitSnapshot(store, snapshot)) === 'committed') return { snapshot, pages }
    say('another run published first: replacing again on top of its snapshot')
  }
}

async function replaceIn(store: Store, parent: FoundSnapshot, waiting: string, encoder: () => Promise<Encoder>): Promise<Replaced> {
  const { snapshot: old } = parent
  const named = await readNamed(store, old)
  const hidden = (id: string): boolean => named.has(Buffer.from(id, 'latin1').toString('hex'))
  const rules = await ownRules(store, old)
  const before = await readErased(store, old)
  const planned = await planReplacement(store, old, await store.get(waiting), hidden)
  const without = (pages: readonly ReplaceablePage[]): AgainStart => {
    return { store, snapshot: old, rules, erased: joinIds(before, packIds(pages.map(({ id }) => id))) }
  }
  const pages = await leavingPages(planned, without)
  const start = without(pages)
  const duplicates = pages.flatMap((page) => page.duplicates).filter(({ id, text }) => text !== undefined && !hidden(id))
  const leaving = new Set(pages.map(({ id }) => id))
  const goes = (id: string): boolean => leaving.has(id)
  const tails = await tailShards(store, old, rules.output.shardBytes)
  const promotion =
    pages.length === 0 ? undefined : await promote({ ...start, orphans: [...rounds(pages), duplicates], encoder: await encoder(), tails, goes })
  const fates = new Map<string, Rejudged>(promotion?.rejudged)
  const kept = await keepTexts(store, old, pages, (rows, row, bytes) => retains(retainMode(rules), rows, row, bytes), hidden)
  for (const page of pages) {
    const successor = page.versions.find(({ id }) => fates.get(id)?.outcome === 'kept')?.id ?? ''
    const same = { outcome: 'dropped', survivor: Buffer.from(successor, 'latin1'), measured: NaN, limit: NaN } as const
    const text = kept?.ids.has(page.id) === true ? { text: kept.entry.path } : {}
    fates.set(page.id, { ...same, rule: 'url-duplicates/replaced', ...text })
    for (const [id, rule] of page.older) if (!fates.has(id)) fates.set(id, { ...same, rule })
  }
  const changes: Changes = {
    operation: 'replace',
    goes,
    shards: new Set(pages.map(({ shard }) => shard)),
    losesText: (id) => fates.get(id)?.outcome === 'kept',
    retained: kept?.entry,
    erased: new Map(),
    fates,
    promotion,
    index: { erased: start.erased, versions: undefined },
  }
  const { snapshot } = await rewrittenSnapshot(store, parent, changes)
  return { snapshot, pages: pages.length }
}

/** Versions in the order in which they are tried: the newest of every page, then the second newest, and so on; each group as it was read. */
function rounds(pages: readonly ReplaceablePage[]): Orphan[][] {
  const most = pages.reduce((max, { versions }) => Math.max(max, versions.length), 0)
  return Array.from({ length: most }, (_, i) => pages.flatMap(({ versions }) => versions[i] ?? []))
}

/**
 * The pages of which some version comes in when all of them are gone. A version may fail because another kept document is like it;
 * then its page stays, which may keep out versions of other pages that are like that one: so it is tried again without it, until
 * every page that goes has a version that comes. A round signs the versions; there is a second one only where a page stays.
 */
async function leavingPages(
  planned: readonly ReplaceablePage[],
  without: (pages: readonly ReplaceablePage[]) => AgainStart,
): Promise<readonly ReplaceablePage[]> {
  for (let pages = planned; ;) {
    if (pages.length === 0) return pages
    const start = without(pages)
    const again = await sequenceAgain(start)
    const entered = new Set<string>()
    try {
      for (const group of rounds(pages))
        for await (const texts of pagesOf(start.store, group))
          for (const [row, decision] of (await again.decide(texts)).entries())
            if (decision.outcome === 'kept') entered.add(texts[row]?.orphan.id ?? '')
    } finally {
      await again.close()
    }
    const leaving = pages.filter(({ versions }) => versions.some(({ id }) => entered.has(id)))
    if (leaving.length === pages.length) return pages
    pages = leaving
  }
}

function retainMode({ output }: RulesJson): TaskPipeline['retainDropped'] {
  return output.retainDropped as TaskPipeline['retainDropped']
}

/** The texts of pages that leave, as far as texts of dropped documents are retained. Memory: one batch of a shard's texts. */
async function keepTexts(
  store: Store,
  { shards }: Snapshot,
  pages: readonly ReplaceablePage[],
  retained: (ids: Uint8Array, row: number, textBytes: number) => boolean,
  hidden: (id: string) => boolean,
): Promise<{ readonly entry: DroppedEntry; readonly ids: ReadonlySet<string> } | undefined> {
  const paths = new Set(pages.map(({ shard }) => shard))
  const leaving = new Set(pages.map(({ id }) => id))
  const ids = new Set<string>()
  const writer = await openDroppedWriter(store)
  try {
    for (const list of Object.values(shards))
      for await (const shard of readEntries(store, 'shards', list)) {
        if (!pathsOfShard(shard).some((path) => paths.has(path))) continue
        for await (const batch of readTexts(store, shard.text.path)) {
          const id = idsOf({ values: batch.docIds })
          const keep = new Set<number>()
          for (let row = 0; row < batch.rows; row += 1) {
            const bytes = (batch.text.offsets[row + 1] ?? 0) - (batch.text.offsets[row] ?? 0)
            if (leaving.has(id(row)) && !hidden(id(row)) && retained(batch.docIds, row, bytes)) keep.add(row)
          }
          if (keep.size === 0) continue
          for (const row of keep) ids.add(id(row))
          const { rows, docIds, url, language, text } = pickTexts(batch, keep)
          await writer.write({ rows, docIds, url, language, text })
        }
      }
    if (ids.size > 0) return { entry: await writer.close(), ids }
    await writer.abort()
    return undefined
  } catch (error) {
    await writer.abort()
    throw error
  }
}
