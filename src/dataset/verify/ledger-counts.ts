import type { LabelColumn, NumberColumn } from '../../core/batch.ts'
import type { IdColumn } from '../../native/parquet-write.ts'
import type { LedgerGroup } from '../ledger-reader.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Findings } from './findings.ts'

/** Stages whose drops must name a survivor. */
const duplicateStages = new Set([
  'exact-duplicates',
  'near-duplicates',
  'url-duplicates',
  'duplicate-lines',
  'duplicate-paragraphs',
  'repeated-substrings',
])

export interface NumberedShards {
  /** Number of the shard that holds the rows of a path, its own or one that it absorbed. */
  readonly places: ReadonlyMap<string, number>
  readonly paths: readonly string[]
  readonly documents: readonly number[]
  readonly tokens: readonly number[]
  readonly textBytes: readonly number[]
  readonly languages: readonly string[]
}

/** Counts the ledger while it is read, checks each row in itself, and at the end the sums against the totals. */
export function ledgerCounts(shards: NumberedShards, findings: Findings) {
  const columns = ['source', 'language', 'stage', 'rule', 'limit', 'similarity', 'survivor', 'n_bytes', 'n_tokens', 'cut_bytes', 'cut_by', 'cut_from']
  const counts = { read: 0, kept: 0 }
  const drops = new Map<string, number>()
  const languages = new Map<string, { kept: number; tokens: number; bytes: number }>()
  const sources = new Map<string, { read: number; kept: number; tokens: number }>()
  const inShard = shards.paths.map(() => ({ documents: 0, tokens: 0, bytes: 0 }))
  const rowsOfFile = new Map<string, { listed: number; found: number }>()

  function add(group: LedgerGroup): void {
    const file = entryOf(rowsOfFile, group.file.path, () => ({ listed: group.file.rows, found: 0 }))
    file.found += group.rows
    const label = (name: string) => group.columns[name] as LabelColumn
    const number = (name: string) => (group.columns[name] as NumberColumn).values
    const [outcome, source, language, stage, rule, shard] = ['outcome', 'source', 'language', 'stage', 'rule', 'shard'].map(label) as [
      LabelColumn,
      LabelColumn,
      LabelColumn,
      LabelColumn,
      LabelColumn,
      LabelColumn,
    ]
    const [limit, similarity, shardRow, nBytes, nTokens] = ['limit', 'similarity', 'shard_row', 'n_bytes', 'n_tokens'].map(number) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    const survivor = (group.columns['survivor'] as IdColumn).present ?? new Uint8Array(group.rows).fill(1)
    const cutBy = label('cut_by')
    const cutBytes = number('cut_bytes')
    const cutFrom = (group.columns['cut_from'] as IdColumn).present ?? new Uint8Array(group.rows).fill(1)
    const of = (column: LabelColumn, row: number) => column.labels[column.indices[row] as number]

    for (let row = 0; row < group.rows; row++) {
      counts.read++
      const from = entryOf(sources, of(source, row) ?? '', () => ({ read: 0, kept: 0, tokens: 0 }))
      from.read++
      const stageName = of(stage, row)
      const ruleName = of(rule, row)
      const says = of(outcome, row)
      const cut = (cutBytes[row] as number) > 0
      if ((cutFrom[row] === 1) !== cut || (of(cutBy, row) !== undefined) !== cut || (cut && says !== 'kept'))
        findings.check(
          false,
          () => `${at(group, row)} does not say alike of what was cut from it: ${cutBytes[row]} bytes by ${of(cutBy, row) ?? 'no stage'}, ${says}`,
        )
      if (says === 'kept') {
        counts.kept++
        const tokens = nTokens[row] as number
        const bytes = nBytes[row] as number
        from.kept++
        from.tokens += tokens
        const path = of(shard, row)
        const held = path === undefined ? undefined : shards.places.get(path)
        const place = held === undefined ? undefined : inShard[held]
        if (stageName !== undefined || ruleName !== undefined || survivor[row] === 1)
          findings.check(false, () => `${at(group, row)} was kept, but names a reason to drop it`)
        if (held === undefined || place === undefined || Number.isNaN(shardRow[row])) {
          findings.check(
            false,
            () => `${at(group, row)} was kept, but names ${path === undefined ? 'no shard' : `${path}, which the snapshot does not know`}`,
          )
          continue
        }
        place.documents++
        place.tokens += tokens
        place.bytes += bytes
        const spoken = entryOf(languages, shards.languages[held] as string, () => ({ kept: 0, tokens: 0, bytes: 0 }))
        spoken.kept++
        spoken.tokens += tokens
        spoken.bytes += bytes
        const written = of(language, row)
        if (written !== undefined && written !== shards.languages[held])
          findings.check(false, () => `${at(group, row)} is in ${written}, but lies in a shard of ${shards.languages[held]}`)
      } else if (says === 'dropped' && stageName !== undefined && ruleName !== undefined) {
        const name = `${stageName}/${ruleName}`
        drops.set(name, (drops.get(name) ?? 0) + 1)
        if (of(shard, row) !== undefined) findings.check(false, () => `${at(group, row)} was dropped, but names a shard`)
        if (survivor[row] === 0) {
          if (duplicateStages.has(stageName))
            findings.check(false, () => `${at(group, row)} was dropped as a duplicate (${name}), but names no survivor`)
        } else if (stageName === 'near-duplicates' && Number.isNaN(similarity[row])) {
          findings.check(false, () => `${at(group, row)} was dropped as a near-duplicate, but names no similarity`)
        } else if ((similarity[row] as number) < (limit[row] as number)) {
          findings.check(
            false,
            () => `${at(group, row)} was dropped with similarity ${similarity[row]} to its survivor, under the limit of ${limit[row]}`,
          )
        }
      } else {
        findings.check(false, () => `${at(group, row)} says neither that the document was kept nor by which stage and rule it was dropped`)
      }
    }
    findings.counted(group.rows * 5)
  }

  function finish(snapshot: Snapshot): void {
    const { totals } = snapshot
    for (const [path, { listed, found }] of rowsOfFile)
      findings.check(listed === found, () => `${path} has ${found} rows, and its manifest says ${listed}`)
    findings.check(
      counts.read === totals.read,
      () => `the ledger has ${counts.read} rows, and the snapshot says that ${totals.read} documents were read`,
    )
    findings.check(counts.kept === totals.kept, () => `the ledger keeps ${counts.kept} documents, and the snapshot says ${totals.kept}`)
    compare('dropped by', Object.fromEntries(drops), totals.dropped, findings)
    for (const field of ['kept', 'tokens', 'bytes'] as const)
      compare(`${field} in language`, pick(languages, field), pick(Object.entries(totals.byLanguage), field), findings)
    for (const field of ['read', 'kept', 'tokens'] as const)
      compare(`${field} from source`, pick(sources, field), pick(Object.entries(totals.bySource), field), findings)
    shards.paths.forEach((path, i) => {
      const found = inShard[i] as { documents: number; tokens: number; bytes: number }
      const facts: [string, number, number | undefined][] = [
        ['documents', found.documents, shards.documents[i]],
        ['tokens', found.tokens, shards.tokens[i]],
        ['bytes of text', found.bytes, shards.textBytes[i]],
      ]
      for (const [what, ledger, manifest] of facts)
        findings.check(ledger === manifest, () => `the ledger puts ${ledger} ${what} into ${path}, and its manifest says ${manifest}`)
    })
  }

  return { columns, add, finish }
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  let entry = map.get(key)
  if (entry === undefined) map.set(key, (entry = make()))
  return entry
}

function pick<K extends string>(groups: Iterable<[string, Readonly<Record<K, number>>]>, field: K): Record<string, number> {
  return Object.fromEntries([...groups].map(([name, group]) => [name, group[field]]))
}

/** A name that one side lacks counts as zero there. */
function compare(what: string, ledger: Readonly<Record<string, number>>, totals: Readonly<Record<string, number>>, findings: Findings): void {
  for (const name of new Set([...Object.keys(ledger), ...Object.keys(totals)])) {
    const [found, said] = [ledger[name] ?? 0, totals[name] ?? 0]
    findings.check(found === said, () => `${what} ${name}: ${found} in the ledger, ${said} in the snapshot`)
  }
}

export function at(group: LedgerGroup, row: number): string {
  return `row ${group.first + row} of ${group.file.path}`
}
