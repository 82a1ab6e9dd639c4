import { randomInt, randomLcg, randomNormal } from 'd3-random'
import { createHash, randomUUID } from 'node:crypto'
import { openRules, type RulesInForce, rulesOf } from '../../src/audit/rules-in-force.ts'
import type { Batch, LabelColumn } from '../../src/core/batch.ts'
import { decide } from '../../src/core/decide.ts'
import { readLedger } from '../../src/dataset/ledger-reader.ts'
import { ledgerColumns } from '../../src/dataset/ledger-schema.ts'
import { openLedgerWriter } from '../../src/dataset/ledger-writer.ts'
import { countFate, emptyLosses, putLosses } from '../../src/dataset/losses.ts'
import { appendEntries } from '../../src/dataset/pages.ts'
import { commitSnapshot, type FoundSnapshot, readSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { registry } from '../../src/mill/registry.ts'
import type { ParquetColumn } from '../../src/native/parquet-write.ts'
import type { Store } from '../../src/storage/store.ts'

/** Rows made at once: `first` is a multiple of it, so that the same documents are made again. */
export const batchRows = 1 << 16
const hosts = 200_000
const sources = ['crawl-a', 'crawl-b', 'crawl-c', 'news', 'wiki', 'law', 'forums', 'gazette'] as const
/** Shares of the documents that pass all rules. */
const copies = 0.04
const nearCopies = 0.11

interface Templates {
  readonly rows: number
  readonly columns: Readonly<Record<string, ParquetColumn>>
  readonly measures: readonly string[]
  /** Template rows by language, those without one under ''. */
  readonly byLanguage: readonly { readonly language: string; readonly rows: readonly number[]; readonly kept: readonly number[] }[]
}

/**
 * Publishes a snapshot of `rows` documents behind `base`, judged by the rules of `base`: each row is a document of the
 * base's ledger with other measures (its own, scattered), another id, address and source. Verdicts are those of the rules;
 * one document in seven that passes them is a duplicate. The same `first` gives the same documents under any rules, so two
 * such snapshots differ as a rebuild differs from what it rebuilds.
 */
export async function publishBigLedger(
  store: Store,
  base: FoundSnapshot,
  parent: FoundSnapshot,
  rows: number,
  first: number,
  say: (line: string) => void,
): Promise<FoundSnapshot> {
  const rules = openRules(await rulesOf(store, base.snapshot), registry)
  const templates = await readTemplates(store, base.snapshot)
  const writer = await openLedgerWriter(store, templates.measures, 'bench')
  const counted = counter(base.snapshot)
  if (first % batchRows !== 0) throw new RangeError(`documents are made ${batchRows} at a time`)
  for (let at = 0; at < rows; at += batchRows) {
    const count = Math.min(batchRows, rows - at)
    const columns = makeRows(templates, rules, count, first + at)
    await writer.writeRows(count, columns)
    counted.add(count, columns)
    if ((at / batchRows) % 8 === 7) say(`${(at + count).toLocaleString('en')} rows of the ledger`)
  }
  const ledger = await appendEntries(store, 'ledger', [], await writer.close())
  const { totals, losses } = counted
  const snapshot: Snapshot = {
    ...base.snapshot,
    version: parent.snapshot.version + 1,
    parent: { version: parent.snapshot.version, sha256: parent.sha256 },
    commitId: randomUUID(),
    createdAt: new Date().toISOString(),
    operation: 'rebuild',
    totals,
    tonight: totals,
    ledger,
    losses: await putLosses(store, losses, undefined),
  }
  if ((await commitSnapshot(store, snapshot)) !== 'committed') throw new Error('somebody else published into the scratch folder')
  return readSnapshot(store)
}

async function readTemplates(store: Store, snapshot: Snapshot): Promise<Templates> {
  const measures = new Set<string>()
  for (const { component } of openRules(await rulesOf(store, snapshot), registry).stages)
    for (const name of Object.keys(component.measures)) measures.add(name)
  const names = [...Object.keys(ledgerColumns), ...measures]
  for await (const { rows, columns } of readLedger(store, snapshot, names)) {
    const byLanguage = new Map<string, { rows: number[]; kept: number[] }>()
    for (let row = 0; row < rows; row++) {
      const language = labelOf(columns, 'language', row)
      const group = byLanguage.get(language) ?? { rows: [], kept: [] }
      byLanguage.set(language, group)
      group.rows.push(row)
      if (labelOf(columns, 'outcome', row) === 'kept') group.kept.push(row)
    }
    const groups = [...byLanguage].map(([language, of]) => ({ language, ...of })).filter(({ language, kept }) => language === '' || kept.length > 0)
    return { rows, columns, measures: [...measures], byLanguage: groups.toSorted((a, b) => (a.language < b.language ? -1 : 1)) }
  }
  throw new Error('the base has no ledger')
}

function labelOf(columns: Templates['columns'], name: string, row: number): string {
  const { labels, indices } = columns[name] as LabelColumn
  return labels[indices[row]!] ?? ''
}

function makeRows(
  { columns: from, measures, byLanguage }: Templates,
  rules: RulesInForce,
  rows: number,
  first: number,
): Record<string, ParquetColumn> {
  const random = randomLcg(first / 2 ** 40 + 0.1)
  const scatter = Float64Array.from({ length: 4096 }, randomNormal.source(random)(0, 0.35))
  const pick = randomInt.source(random)
  // Shares of languages fall as one over the rank: as a crawl's do.
  const weights = byLanguage.map(({ language }, i) => (language === '' ? 0.3 : 1 / (1 + ((i * 7) % byLanguage.length))))
  const all = weights.reduce((a, b) => a + b, 0)
  const groupOf = Array.from({ length: 1000 }, (_, at) => {
    let left = ((at + 0.5) / 1000) * all
    return Math.max(
      0,
      weights.findIndex((weight) => (left -= weight) < 0),
    )
  })
  const anyGroup = pick(0, groupOf.length)
  const template = new Int32Array(rows)
  const keptTemplate = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const group = byLanguage[groupOf[anyGroup()]!]!
    template[row] = group.rows[Math.floor(random() * group.rows.length)]!
    keptTemplate[row] = group.kept.length === 0 ? -1 : group.kept[Math.floor(random() * group.kept.length)]!
  }
  const out: Record<string, ParquetColumn> = {}
  for (const name of ['language', 'script', 'language_1', 'language_2', 'language_3', 'folded_1', 'folded_2', 'folded_3', 'rights', 'policy'])
    out[name] = sameLabels(from[name] as LabelColumn, template)
  const values: Record<string, Float64Array> = {}
  for (const name of measures) {
    values[name] = scattered((from[name] as { readonly values: Float64Array }).values, template, scatter, random)
    out[name] = { type: 'number', values: values[name] }
  }
  const fates = judge(
    from,
    rules,
    { rows, columns: { language: out['language'] as LabelColumn, script: out['script'] as LabelColumn } },
    values,
    template,
  )
  const ids = idsOf(rows, first)
  const survivor = { type: 'id' as const, values: new Uint8Array(rows * 16), present: new Uint8Array(rows) }
  const similarity = new Float64Array(rows).fill(NaN)
  const chances = Float64Array.from({ length: rows }, random)
  const source = Int32Array.from({ length: rows }, () => Math.floor(random() ** 2 * sources.length))
  const bytes = scattered((from['n_bytes'] as { readonly values: Float64Array }).values, template, scatter, random)
  const tokens = new Float64Array(rows).fill(NaN)
  const shard = new Int32Array(rows).fill(-1)
  const shardRow = new Float64Array(rows).fill(NaN)
  const shards = from['shard'] as LabelColumn
  const shardRows = (from['shard_row'] as { readonly values: Float64Array }).values
  let lastKept = -1
  for (let row = 0; row < rows; row++) {
    if (fates.names[fates.indices[row]!] !== 'kept') continue
    const chance = chances[row]!
    // The first documents of a batch have no survivor before them.
    if (lastKept !== -1 && chance < copies + nearCopies) {
      fates.indices[row] = fates.number(chance < copies ? 'exact-duplicates/copy' : 'near-duplicates/similar')
      survivor.values.set(ids.subarray(lastKept * 16, lastKept * 16 + 16), row * 16)
      survivor.present[row] = 1
      similarity[row] = chance < copies ? 1 : 0.8 + (0.2 * (chance - copies)) / nearCopies
      continue
    }
    if (chance > 0.8) lastKept = row
    const text = keptTemplate[row]!
    shard[row] = shards.indices[text]!
    shardRow[row] = shardRows[text]!
    tokens[row] = Math.max(1, Math.round((bytes[row]! / 4.2) * Math.exp(scatter[row & 4095]! / 3)))
  }
  const measuredBy = (pickOf: Float64Array) => ({ type: 'number' as const, values: pickOf })
  const names = fates.names.map((name) => name.split('/'))
  out['doc_id'] = { type: 'id', values: ids, present: null }
  out['url'] = urls(rows, first, random)
  out['source'] = { type: 'label', indices: source, labels: sources }
  out['part'] = sameLabels(from['part'] as LabelColumn, template)
  out['file'] = sameLabels(from['file'] as LabelColumn, template)
  for (const name of ['row', 'offset', 'length'])
    out[name] = measuredBy(scattered((from[name] as { readonly values: Float64Array }).values, template, scatter, random))
  out['outcome'] = { type: 'label', indices: fates.indices.map((fate) => (fates.names[fate] === 'kept' ? 0 : 1)), labels: ['kept', 'dropped'] }
  for (const [at, name] of ['stage', 'rule'].entries())
    out[name] = {
      type: 'label',
      indices: fates.indices.map((fate) => (fates.names[fate] === 'kept' ? -1 : fate)),
      labels: names.map((of) => of[at] ?? ''),
    }
  out['measured'] = measuredBy(fates.measured)
  out['limit'] = measuredBy(fates.limit)
  out['survivor'] = survivor
  out['similarity'] = measuredBy(similarity)
  out['shard'] = { type: 'label', indices: shard, labels: shards.labels }
  out['shard_row'] = measuredBy(shardRow)
  out['n_bytes'] = measuredBy(bytes)
  out['n_tokens'] = measuredBy(tokens)
  return out
}

function sameLabels({ indices, labels }: LabelColumn, template: Int32Array): LabelColumn {
  return { type: 'label', labels, indices: template.map((row) => indices[row]!) }
}

/** Values of the templates, scattered by about a third: counts stay whole, shares stay between 0 and 1. */
function scattered(from: Float64Array, template: Int32Array, scatter: Float64Array, random: () => number): Float64Array {
  const share = from.every((value) => Number.isNaN(value) || (value >= 0 && value <= 1))
  const whole = from.every((value) => Number.isNaN(value) || Number.isInteger(value))
  let at = Math.floor(random() * 4096)
  return Float64Array.from(template, (row) => {
    const value = from[row]!
    const factor = Math.exp(scatter[(at = (at + 1) & 4095)]!)
    if (share && !whole) return value > 0.5 ? Math.max(0, 1 - (1 - value) * factor) : Math.min(1, value * factor)
    return whole ? Math.round(value * factor) : value * factor
  })
}

/** What the rules say of every row, in the mill's order; a template that no number dropped is dropped for the same again. */
function judge(
  from: Templates['columns'],
  rules: RulesInForce,
  batch: Batch,
  measures: Readonly<Record<string, Float64Array>>,
  template: Int32Array,
) {
  const names = ['kept']
  const numbers = new Map([['kept', 0]])
  const number = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, names.length)
    return names.push(name) - 1
  }
  const indices = new Int32Array(batch.rows)
  const measured = new Float64Array(batch.rows).fill(NaN)
  const limit = new Float64Array(batch.rows).fill(NaN)
  const judging = new Set(rules.stages.map(({ component }) => component.name))
  const sequence = new Set(rules.json.stages.filter(({ phase }) => phase === 'sequence').map(({ use }) => use))
  const elsewhere = Array.from({ length: (from['outcome'] as LabelColumn).indices.length }, (_, row) => {
    const stage = labelOf(from, 'stage', row)
    return stage === '' || judging.has(stage) || sequence.has(stage) ? 0 : number(`${stage}/${labelOf(from, 'rule', row)}`)
  })
  template.forEach((row, i) => (indices[i] = elsewhere[row]!))
  for (const { component, config, limitsOf } of rules.stages) {
    const { limits } = component
    if (limits === undefined) continue
    const given = limitsOf(batch)
    const verdict = limits.decide?.(config, batch, measures, given) ?? decide(batch.rows, limits.rules, measures, given)
    const own = Object.keys(limits.decide === undefined ? limits.rules : component.rules).map((rule) => number(`${component.name}/${rule}`))
    verdict.rule.forEach((rule, row) => {
      if (rule === -1 || indices[row] !== 0) return
      indices[row] = own[rule]!
      measured[row] = verdict.measured[row]!
      limit[row] = verdict.limit[row]!
    })
  }
  return { names, number, indices, measured, limit }
}

/** The first 16 bytes of a SHA-256 of the row's number: as even as real ones. */
function idsOf(rows: number, first: number): Uint8Array {
  const ids = new Uint8Array(rows * 16)
  for (let row = 0; row < rows; row++) {
    const hash = createHash('sha256')
      .update(String(first + row))
      .digest()
    ids.set(hash.subarray(0, 16), row * 16)
  }
  return ids
}

function urls(rows: number, first: number, random: () => number): ParquetColumn {
  const offsets = new Int32Array(rows + 1)
  const buffer = Buffer.alloc(rows * 80)
  let end = 0
  for (let row = 0; row < rows; row++) {
    const host = Math.floor(hosts ** random())
    end += buffer.write(`https://www.host-${host}.example/articles/${(first + row) % 97}/page-${first + row}.html`, end, 'latin1')
    offsets[row + 1] = end
  }
  return { type: 'text', values: buffer.subarray(0, end), offsets }
}

/** Totals and losses, as a run counts them. */
function counter(base: Snapshot) {
  const losses = emptyLosses()
  const totals = {
    read: 0,
    kept: 0,
    dropped: {} as Record<string, number>,
    tokens: 0,
    textBytes: 0,
    byLanguage: {} as Record<string, { kept: number; tokens: number; bytes: number }>,
    bySource: {} as Record<string, { read: number; kept: number; tokens: number; licence: string }>,
    byLicence: {} as Record<string, { read: number; kept: number; tokens: number }>,
  }
  const licence = Object.keys(base.totals.byLicence)[0] ?? 'mixed'
  return {
    totals,
    losses,
    add(rows: number, columns: Readonly<Record<string, ParquetColumn>>): void {
      const numbers = (name: string) => (columns[name] as { readonly values: Float64Array }).values
      const [bytes, tokens] = [numbers('n_bytes'), numbers('n_tokens')]
      for (let row = 0; row < rows; row++) {
        const [language, source] = [labelOf(columns, 'language', row), labelOf(columns, 'source', row)]
        const kept = labelOf(columns, 'outcome', row) === 'kept'
        const rule = kept ? undefined : `${labelOf(columns, 'stage', row)}/${labelOf(columns, 'rule', row)}`
        countFate(losses.byLanguage, language, rule, 1, 0)
        countFate(losses.bySource, source, rule, 1, 0)
        const [ofSource, ofLicence] = [
          (totals.bySource[source] ??= { read: 0, kept: 0, tokens: 0, licence }),
          (totals.byLicence[licence] ??= { read: 0, kept: 0, tokens: 0 }),
        ]
        for (const sum of [totals, ofSource, ofLicence]) sum.read++
        if (rule !== undefined) {
          totals.dropped[rule] = (totals.dropped[rule] ?? 0) + 1
          continue
        }
        for (const sum of [totals, ofSource, ofLicence]) {
          sum.kept++
          sum.tokens += tokens[row]!
        }
        const ofLanguage = (totals.byLanguage[language] ??= { kept: 0, tokens: 0, bytes: 0 })
        ofLanguage.kept++
        ofLanguage.tokens += tokens[row]!
        ofLanguage.bytes += bytes[row]!
        totals.textBytes += bytes[row]!
      }
    },
  }
}
