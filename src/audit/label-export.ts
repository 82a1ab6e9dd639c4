import { quernVersion } from '../dataset/version.ts'
import { parquetWriter } from '../native/parquet-write.ts'
import { textColumn } from '../core/batch.ts'
import { problemNames } from './label-names.ts'
import type { Label } from './labels.ts'

/** What a label says of the pipeline, for those who do not want to join it with the ledger. */
function finding({ verdict, fate }: Label): string {
  if (verdict === 'unsure') return 'unsure'
  if (fate === 'kept') return verdict === 'keep' ? 'rightly-kept' : 'should-have-been-dropped'
  return verdict === 'keep' ? 'should-have-been-kept' : 'rightly-dropped'
}

const texts = ['labelled_at', 'annotator', 'language', 'fate', 'verdict', 'finding', 'comment', 'batch'] as const

function textOf(label: Label, name: (typeof texts)[number]): string {
  return name === 'finding' ? finding(label) : name === 'labelled_at' ? label.at : label[name]
}

/** The column of a problem: `wrong_language`, like measures of the ledger. */
function problemColumn(name: string): string {
  return name.replaceAll('-', '_')
}

/**
 * All labels ever given, the oldest first, in CSV with a line of names. A cell that a spreadsheet would run as a formula
 * gets an apostrophe before it.
 */
export function labelsAsCsv(labels: readonly Label[]): string {
  const cell = (value: string): string => `"${value.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`
  const names = ['doc_id', ...texts, ...problemNames.map(problemColumn), 'blind', 'snapshot']
  const lines = labels.map((label) =>
    [
      label.document,
      ...texts.map((name) => cell(textOf(label, name))),
      ...problemNames.map((name) => String(label.problems.includes(name))),
      String(label.blind),
      String(label.snapshot),
    ].join(','),
  )
  return [names.join(','), ...lines].join('\r\n') + '\r\n'
}

/** The same as one Parquet file; `doc_id` is 16 bytes as in the ledger, which it joins with, and yes or no are 1 and 0. */
export function labelsAsParquet(labels: readonly Label[]): Uint8Array {
  const kinds = {
    doc_id: 'id',
    ...Object.fromEntries(texts.map((name) => [name, 'text' as const])),
    ...Object.fromEntries(problemNames.map((name) => [problemColumn(name), 'int64' as const])),
    blind: 'int64',
    snapshot: 'int64',
  } as const
  const number = (of: (label: Label) => number) => ({ type: 'number' as const, values: Float64Array.from(labels, of) })
  const writer = parquetWriter(kinds, Math.max(1, labels.length), `quern ${quernVersion}`, { 'quern.format': 'quern-labels/1' })
  const group =
    labels.length === 0
      ? new Uint8Array(0)
      : writer.writeGroup(labels.length, {
          doc_id: { type: 'id', values: Buffer.from(labels.map(({ document }) => document).join(''), 'hex'), present: null },
          ...Object.fromEntries(texts.map((name) => [name, textColumn(labels.map((label) => textOf(label, name)))])),
          ...Object.fromEntries(problemNames.map((name) => [problemColumn(name), number(({ problems }) => (problems.includes(name) ? 1 : 0))])),
          blind: number(({ blind }) => (blind ? 1 : 0)),
          snapshot: number(({ snapshot }) => snapshot),
        })
  return Buffer.concat([group, writer.finish()])
}
