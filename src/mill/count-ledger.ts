import type { LabelColumn, NumberColumn } from '../core/batch.ts'
import { languageOfShard } from '../dataset/layout.ts'
import { readLedgerFile } from '../dataset/ledger-reader.ts'
import type { LedgerEntry } from '../dataset/pages.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { emptyTotals, type Totals } from '../dataset/totals.ts'
import type { Store } from '../storage/store.ts'

/** The totals that a ledger gives which was rewritten from that of `old`. One pass over seven columns. */
export async function countLedger(store: Store, old: Snapshot, ledger: readonly LedgerEntry[]): Promise<Totals> {
  const totals = emptyTotals()
  for (const [name, { licence }] of Object.entries(old.totals.bySource)) {
    totals.bySource[name] = { read: 0, kept: 0, tokens: 0, licence }
    totals.byLicence[licence] = { read: 0, kept: 0, tokens: 0 }
  }
  for (const entry of ledger)
    for await (const { rows, columns } of readLedgerFile(store, entry, ['source', 'outcome', 'stage', 'rule', 'shard', 'n_tokens', 'n_bytes'])) {
      const label = (name: string) => columns[name] as LabelColumn
      const [source, outcome, stage, rule, shard] = [label('source'), label('outcome'), label('stage'), label('rule'), label('shard')]
      const [nTokens, nBytes] = [columns['n_tokens'] as NumberColumn, columns['n_bytes'] as NumberColumn]
      for (let row = 0; row < rows; row += 1) {
        const from = totals.bySource[source.labels[source.indices[row] ?? -1] ?? '']
        const under = from === undefined ? undefined : totals.byLicence[from.licence]
        totals.read += 1
        for (const group of [from, under]) if (group !== undefined) group.read += 1
        if (outcome.labels[outcome.indices[row] ?? -1] !== 'kept') {
          const name = `${stage.labels[stage.indices[row] ?? -1]}/${rule.labels[rule.indices[row] ?? -1]}`
          totals.dropped[name] = (totals.dropped[name] ?? 0) + 1
          continue
        }
        const [tokens, bytes] = [nTokens.values[row] ?? 0, nBytes.values[row] ?? 0]
        const language = (totals.byLanguage[languageOfShard(shard.labels[shard.indices[row] ?? -1] ?? '') ?? ''] ??= { kept: 0, tokens: 0, bytes: 0 })
        for (const group of [from, under, language, totals])
          if (group !== undefined) {
            group.kept += 1
            group.tokens += tokens
          }
        language.bytes += bytes
        totals.textBytes += bytes
      }
    }
  return totals
}
