import type { LabelColumn, NumberColumn } from '../../core/batch.ts'
import { type IdTable, idTable } from '../../native/id-table.ts'
import type { IdColumn } from '../../native/parquet-write.ts'
import type { Store } from '../../storage/store.ts'
import { eachDocId } from '../each-doc-id.ts'
import { type LedgerGroup, readLedger } from '../ledger-reader.ts'
import { readEntries } from '../pages.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Findings } from './findings.ts'
import { at, ledgerCounts, type NumberedShards } from './ledger-counts.ts'
import { hex } from './shards.ts'

/**
 * Ids held at once: 24 bytes a slot, so at most 200 MiB. A larger dataset is checked in several passes over the id
 * columns, each holding one part of all ids.
 */
const idsPerPass = 4_000_000

/** A document's place as one number: exact, since there are fewer than 2^21 shards of fewer than 2^32 rows. */
const place = (shard: number, row: number) => shard * 2 ** 32 + row
const dropped = -1
const elsewhere = -2
/** Taken away or kept out by name; a duplicate whose text was not retained may name one. */
const suppressed = -3
/** Kept until a newer version of its page took its place; the same may name one. */
const replaced = -4

/** The ledger against itself, the totals, the shards and the survivors. All objects are known to have the right bytes. */
export async function checkLedger(
  store: Store,
  snapshot: Snapshot,
  findings: Findings,
  onPass: (pass: number, passes: number) => void,
): Promise<void> {
  const shards = await numberShards(store, snapshot)
  const counts = ledgerCounts(shards, findings)
  const passes = Math.max(1, Math.ceil(snapshot.totals.read / idsPerPass))
  for (let pass = 0; pass < passes; pass++) {
    onPass(pass, passes)
    const table = idTable(pass, passes)
    for await (const group of readLedger(store, snapshot, [
      'doc_id',
      'outcome',
      'stage',
      'rule',
      'shard',
      'shard_row',
      ...(pass === 0 ? counts.columns : []),
    ])) {
      if (pass === 0) counts.add(group)
      insertGroup(table, group, shards.places, findings)
    }
    await checkSurvivors(store, snapshot, table, findings)
    await checkPlaces(store, snapshot, table, findings)
    await checkDroppedTexts(store, snapshot, table, findings)
  }
  counts.finish(snapshot)
}

async function numberShards(store: Store, snapshot: Snapshot): Promise<NumberedShards> {
  const places = new Map<string, number>()
  const [paths, documents, tokens, textBytes, languages]: [string[], number[], number[], number[], string[]] = [[], [], [], [], []]
  for (const [language, pages] of Object.entries(snapshot.shards))
    for await (const shard of readEntries(store, 'shards', pages)) {
      for (const path of [shard.path, ...shard.absorbed.map((old) => old.path)]) places.set(path, paths.length)
      paths.push(shard.path)
      documents.push(shard.documents)
      tokens.push(shard.tokens)
      textBytes.push(shard.textBytes)
      languages.push(language)
    }
  return { places, paths, documents, tokens, textBytes, languages }
}

/** Every id once, with where its document went. */
function insertGroup(table: IdTable, group: LedgerGroup, places: ReadonlyMap<string, number>, findings: Findings): void {
  const ids = group.columns['doc_id'] as IdColumn
  const outcome = group.columns['outcome'] as LabelColumn
  const shard = group.columns['shard'] as LabelColumn
  const shardRow = group.columns['shard_row'] as NumberColumn
  const kept = outcome.labels.indexOf('kept')
  const stage = group.columns['stage'] as LabelColumn
  const gone = stage.labels.indexOf('suppressed')
  const rule = group.columns['rule'] as LabelColumn
  const older = rule.labels.indexOf('replaced')
  const numbers = shard.labels.map((path) => places.get(path))
  const values = new Float64Array(group.rows)
  for (let row = 0; row < group.rows; row++) {
    const number = numbers[shard.indices[row] as number]
    const at = shardRow.values[row] as number
    // A kept row without a place is reported by the counts; here it must only be kept and at no row of any shard.
    const newer = older >= 0 && rule.indices[row] === older && stage.labels[stage.indices[row] ?? -1] === 'url-duplicates'
    const out = gone >= 0 && stage.indices[row] === gone ? suppressed : newer ? replaced : dropped
    values[row] = outcome.indices[row] !== kept ? out : number === undefined || Number.isNaN(at) ? place(2 ** 21 - 1, row) : place(number, at)
  }
  for (const row of table.insert(ids.values, values))
    findings.check(false, () => `${at(group, row)}: the document ${hex(ids.values, row)} is in the ledger twice`)
  findings.counted(group.rows)
}

/** Law 5: whoever was dropped as a duplicate names a document that was kept, similar enough; so does whoever lost lines. */
async function checkSurvivors(store: Store, snapshot: Snapshot, table: IdTable, findings: Findings): Promise<void> {
  for await (const group of readLedger(store, snapshot, ['survivor', 'cut_from', 'stage'])) {
    const stage = group.columns['stage'] as LabelColumn
    const pages = stage.labels.indexOf('url-duplicates')
    for (const [name, what] of [
      ['survivor', 'the survivor'],
      ['cut_from', 'as the holder of what was cut from it'],
    ] as const) {
      const named = group.columns[name] as IdColumn
      if (named.present === null || !named.present.includes(1)) continue
      const found = table.lookup(named.values, elsewhere)
      for (let row = 0; row < group.rows; row++) {
        const value = found[row] as number
        if (named.present[row] === 0 || value === elsewhere) continue
        findings.check(!Number.isNaN(value), () => `${at(group, row)} names ${what} ${hex(named.values, row)}, which is not in the ledger`)
        findings.check(value !== dropped, () => `${at(group, row)} names ${what} ${hex(named.values, row)}, which was itself dropped`)
        // Versions of one page need no text to name the newest.
        findings.check(
          value !== replaced || name !== 'survivor' || pages < 0 || stage.indices[row] !== pages,
          () => `${at(group, row)} names the survivor ${hex(named.values, row)}, which a newer version of its page has replaced`,
        )
      }
    }
  }
}

/** Every row of every shard has one ledger row, which names this place. */
async function checkPlaces(store: Store, snapshot: Snapshot, table: IdTable, findings: Findings): Promise<void> {
  let number = 0
  for (const pages of Object.values(snapshot.shards))
    for await (const shard of readEntries(store, 'shards', pages)) {
      const own = number++
      await findings.attempt(() =>
        eachDocId(store, shard.path, (ids, firstRow) => {
          const found = table.lookup(ids, elsewhere)
          found.forEach((value, i) => {
            if (value === elsewhere || value === place(own, firstRow + i)) return
            const says = Number.isNaN(value)
              ? 'does not know it'
              : value === dropped || value === suppressed || value === replaced
                ? 'says that it was dropped'
                : 'says that it lies elsewhere'
            findings.check(false, () => `row ${firstRow + i} of ${shard.path} is ${hex(ids, i)}, and the ledger ${says}`)
          })
          findings.counted(found.length)
        }),
      )
    }
}

async function checkDroppedTexts(store: Store, snapshot: Snapshot, table: IdTable, findings: Findings): Promise<void> {
  for await (const { path } of readEntries(store, 'dropped', snapshot.dropped))
    await findings.attempt(() =>
      eachDocId(store, path, (ids, firstRow) => {
        const found = table.lookup(ids, elsewhere)
        found.forEach((value, i) => {
          if (value !== elsewhere && value !== dropped && value !== replaced)
            findings.check(
              false,
              () =>
                `row ${firstRow + i} of ${path} is ${hex(ids, i)}, which the ledger ${Number.isNaN(value) ? 'does not know' : 'says was kept or suppressed'}`,
            )
        })
        findings.counted(found.length)
      }),
    )
}
