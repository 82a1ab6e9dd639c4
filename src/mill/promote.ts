import type { Encoder } from '../core/component.ts'
import type { ShardEntry } from '../dataset/pages.ts'
import type { Orphan } from './erase-plan.ts'
import type { Cut, Rejudged } from './erase-ledger.ts'
import type { IndexRun } from './index-runs.ts'
import type { KeyRun } from './run-merges.ts'
import { openPress, type Pressed, type Taken } from './promoted-shards.ts'
import { type AgainStart, pagesOf, sequenceAgain } from './sequence-again.ts'

export interface Promotion {
  readonly rejudged: ReadonlyMap<string, Rejudged>
  /** By language, to stand behind the others. */
  readonly shards: ReadonlyMap<string, readonly ShardEntry[]>
  /** Shards whose rows the first new one of their language begins with: they leave the list. */
  readonly taken: readonly Taken[]
  readonly runs: readonly IndexRun[]
  readonly keyRuns: readonly KeyRun[]
}

export interface PromotionStart extends AgainStart {
  /** Groups of documents, all of one before the first of the next. */
  readonly orphans: readonly (readonly Orphan[])[]
  readonly encoder: Encoder
  /** Small last shards by language that are not to stay small, and which of their rows go: what comes in is put behind the others. */
  readonly tails: ReadonlyMap<string, ShardEntry>
  readonly goes: (id: string) => boolean
}

/**
 * Sequences documents again whose survivor is gone, in their order and by the rules of the snapshot's pipeline: one that no
 * other kept document matches enters, in a shard behind the others, and the next ones are compared with it too.
 * Whoever matches another kept document names that one now. Only those whose text was retained.
 * Memory: the texts of one object of dropped texts.
 */
export async function promote({ orphans, encoder, tails, goes, ...start }: PromotionStart): Promise<Promotion> {
  const { store, snapshot, rules } = start
  const again = await sequenceAgain(start)
  const sources = [...new Set(orphans.flat().map(({ source }) => source))]
  const press = openPress({ store, snapshot, shardBytes: rules.output.shardBytes, encoder, sources, cutting: again.cuts, tails, goes })
  const rejudged = new Map<string, Rejudged>()
  const entered: { readonly id: string; readonly place: Pressed; readonly cut: Cut | undefined }[] = []
  try {
    for (const group of orphans)
      for await (const pages of pagesOf(store, group)) {
        const decisions = await again.decide(pages)
        for (const [row, page] of pages.entries()) {
          const decision = decisions[row]
          if (decision?.outcome === 'dropped') rejudged.set(page.orphan.id, decision)
          else if (decision !== undefined)
            entered.push({ id: page.orphan.id, place: await press.add(page, decision.text, decision.pieces), cut: decision.cut })
        }
      }
    const { shards, taken } = await press.close()
    for (const { id, place, cut } of entered) {
      const shard = shards.get(place.language)?.[place.shard]?.path ?? ''
      rejudged.set(id, { outcome: 'kept', shard, row: place.row, tokens: place.tokens, bytes: place.bytes, cut })
    }
    return { rejudged, shards, taken, ...(await again.finish()) }
  } catch (error) {
    await press.abort()
    throw error
  } finally {
    await again.close()
  }
}
