import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rowText, textColumn, type TextColumn } from '../../src/core/batch.ts'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import { openInput, findInputs } from '../../src/mill/inputs.ts'
import { judge, openStages } from '../../src/mill/judge.ts'
import { registry } from '../../src/mill/registry.ts'
import { fromPortable, toPortable } from '../../src/mill/portable-pipeline.ts'
import { openStore } from '../../src/storage/store.ts'

export interface Texts {
  readonly texts: readonly string[]
  readonly column: TextColumn
  readonly bytes: number
}

/**
 * The texts that a bench works on, `bytes` of them: those of a JSON Lines file (`text` of every row), or of the sample's
 * pages. Too few are taken again and again, unless that would warm the caches that are to be measured cold.
 */
export async function benchTexts(input: string | undefined, bytes: number, { repeat = true } = {}): Promise<Texts> {
  const found = input === undefined ? await sampleTexts() : jsonlTexts(input)
  if (found.length === 0) throw new Error(`${input ?? 'data-samples'} holds no text to measure with`)
  const texts: string[] = []
  let total = 0
  do {
    for (const text of found) {
      if (total >= bytes) break
      texts.push(text)
      total += Buffer.byteLength(text)
    }
  } while (repeat && total < bytes)
  return { texts, column: textColumn(texts), bytes: total }
}

function jsonlTexts(path: string): string[] {
  const rows = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const texts = rows.map((row) => (JSON.parse(row) as { text?: unknown }).text)
  return texts.filter((text) => typeof text === 'string' && text !== '') as string[]
}

/** The pages of `data-samples/` as `pipelines/sample.yaml` extracts them. */
async function sampleTexts(): Promise<string[]> {
  const pipeline = await loadPipeline(fileURLToPath(new URL('../../pipelines/sample.yaml', import.meta.url)), registry, {})
  const running = fromPortable(toPortable(pipeline), registry)
  const stages = await openStages({ ...running, stages: running.stages.slice(0, 1) })
  const texts: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'quern-bench-'))
  const files = await findInputs(pipeline, await openStore(folder)).finally(() => rmSync(folder, { recursive: true, force: true }))
  for (const file of files) {
    const source = running.sources[file.source]
    if (source === undefined) continue
    const input = await openInput(file)
    try {
      for (const window of await source.component.windows(file, input, source.config)) {
        for await (const batch of source.component.read(input, file, window, undefined, source.config)) {
          const text = judge(batch, stages).columns['text']
          if (text?.type !== 'text') continue
          for (let row = 0; row < batch.rows; row += 1) if (text.offsets[row] !== text.offsets[row + 1]) texts.push(rowText(text, row))
        }
      }
    } finally {
      await input.close()
    }
  }
  return texts
}
