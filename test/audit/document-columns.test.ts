import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDocuments } from '../../src/audit/document-columns.ts'
import { parquetWriter } from '../../src/native/parquet-write.ts'
import { openFileStore } from '../../src/storage/file-store.ts'
import { scratch } from '../quern.ts'

/** Documents of a ledger with as many languages as given, one each. */
async function languagesRead(many: number): Promise<string[]> {
  const folder = scratch()
  const kinds = { doc_id: 'id', language: 'label', source: 'label', outcome: 'label', stage: 'label', rule: 'label' } as const
  const writer = parquetWriter(kinds, many, 'test', {})
  const label = (labels: readonly string[]) =>
    ({ type: 'label', labels, indices: Int32Array.from({ length: many }, (_, row) => row % labels.length) }) as const
  const group = writer.writeGroup(many, {
    doc_id: { type: 'id', values: new Uint8Array(many * 16), present: null },
    language: label(Array.from({ length: many }, (_, row) => `l${row}`)),
    source: label(['s']),
    outcome: label(['kept']),
  })
  writeFileSync(join(folder, 'a.parquet'), Buffer.concat([group, writer.finish()]))
  const entry = { path: 'a.parquet', bytes: 0, sha256: '', rows: many, groups: 1 } as unknown as Parameters<typeof readDocuments>[1][number]
  const { language } = await readDocuments(openFileStore(folder), [entry])
  return [...language.numbers].map((number) => language.names[number] ?? '')
}

test('labels are numbered as far as two bytes go, and more of them are an error', async () => {
  expect(await languagesRead(65_535)).toEqual(Array.from({ length: 65_535 }, (_, row) => `l${row}`))
  await expect(languagesRead(65_536)).rejects.toThrow('has 65536 of them, beginning with l0')
})
