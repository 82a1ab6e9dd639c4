import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { rowText, textColumn, type Batch, type TextColumn } from '../core/batch.ts'
import type { Source } from '../core/component.ts'
import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { readEntries } from '../dataset/pages.ts'
import { readTexts } from '../dataset/read-texts.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import { readSuppressed } from '../dataset/suppress.ts'
import { openInput } from '../mill/inputs.ts'
import { registry } from '../mill/registry.ts'

/** Texts of one language, or of none that is known. */
export interface TextBatch {
  readonly text: TextColumn
  readonly rows: number
  readonly language: string | undefined
}

const rowsOfRecords: readonly (readonly [RegExp, string])[] = [
  [/\.(jsonl|ndjson)(\.gz|\.zst|\.bz2)?$/, 'jsonl'],
  [/\.parquet$/, 'parquet'],
]

/**
 * The texts of a dataset's newest snapshot, of a file of JSON lines or Parquet, or of a text file, which is one document.
 * JSON lines and Parquet say a row's language as `language` or `lang`; a dataset knows it. Memory: a batch, or the text file.
 */
export async function* readInputTexts(path: string): AsyncGenerator<TextBatch> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw new QuernError('missing-file', `reading ${path}: there is no such file or folder`, { remedy: 'Check the path.', cause })
  })
  if (facts.isDirectory()) return yield* datasetTexts(path)
  const kind = rowsOfRecords.find(([pattern]) => pattern.test(path))?.[1]
  if (kind !== undefined) return yield* recordTexts(registry.sources[kind] as Source, path, facts.size)
  const bytes = await readFile(path)
  if (bytes.byteLength > 2 ** 31 - 1)
    throw new QuernError('unsupported-input', `reading ${path}: a text file is one document, and this one has ${bytes.byteLength} bytes`, {
      remedy: 'Write the documents as JSON lines.',
    })
  yield { rows: 1, text: { type: 'text', values: bytes, offsets: Int32Array.of(0, bytes.byteLength) }, language: undefined }
}

async function* datasetTexts(path: string): AsyncGenerator<TextBatch> {
  const store = await openDataset(path)
  const { snapshot } = await readSnapshot(store, undefined)
  const hidden = await readSuppressed(store)
  for (const [language, pages] of Object.entries(snapshot.shards)) {
    for await (const shard of readEntries(store, 'shards', pages)) {
      for await (const { rows, docIds, text } of readTexts(store, shard.text.path)) {
        const shown =
          hidden.size === 0 ? text : without(text, rows, (row) => hidden.has(Buffer.from(docIds.subarray(row * 16, row * 16 + 16)).toString('hex')))
        yield { rows: shown.offsets.length - 1, text: shown, language }
      }
    }
  }
}

function without(text: TextColumn, rows: number, isHidden: (row: number) => boolean): TextColumn {
  const shown = Array.from({ length: rows }, (_, row) => row).filter((row) => !isHidden(row))
  return textColumn(shown.map((row) => rowText(text, row)))
}

async function* recordTexts(source: Source, path: string, bytes: number): AsyncGenerator<TextBatch> {
  const file = { path, location: resolve(path), bytes, sha256: '' }
  const input = await openInput(file)
  const config = source.config.parse({})
  try {
    for (const window of await source.windows(file, input, config))
      for await (const batch of source.read(input, file, window, undefined, config)) yield* byLanguage(batch)
  } finally {
    await input.close()
  }
}

/** The rows that have a text, gathered by what their record says of their language. */
function byLanguage(batch: Batch): TextBatch[] {
  const { text, extra } = batch.columns
  if (text?.type !== 'text') return []
  const found = new Map<string | undefined, string[]>()
  for (let row = 0; row < batch.rows; row += 1) {
    if (text.offsets[row] === text.offsets[row + 1]) continue
    const language = extra?.type === 'text' ? languageIn(rowText(extra, row)) : undefined
    const rows = found.get(language) ?? []
    rows.push(rowText(text, row))
    found.set(language, rows)
  }
  return [...found].map(([language, rows]) => ({ language, rows: rows.length, text: textColumn(rows) }))
}

function languageIn(extra: string): string | undefined {
  if (extra === '') return undefined
  const { language, lang } = JSON.parse(extra) as { language?: unknown; lang?: unknown }
  const code = language ?? lang
  return typeof code === 'string' && code !== '' ? code : undefined
}
