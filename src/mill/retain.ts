import { openDroppedWriter, sameText } from '../dataset/text.ts'
import type { DroppedEntry } from '../dataset/pages.ts'
import type { Store } from '../storage/store.ts'
import { duplicateRows } from './duplicate-rows.ts'
import type { Criteria } from '../dataset/criteria.ts'
import type { RetainPart } from './executors/executor.ts'
import type { TaskPipeline } from './portable-pipeline.ts'
import { readVersionIds } from './newer-versions.ts'
import { retains } from './retained-rows.ts'
import { selectTexts } from './select-texts.ts'
import { suppressedRows } from './suppressed-rows.ts'
import { readPartRecord, readStagedTexts } from './staged-part.ts'
import { readChunk, textIn, type Chunk } from './staging-file.ts'

export interface RetainRecord {
  /** Null when none of the parts dropped a text that is retained. */
  readonly object: DroppedEntry | null
}

/**
 * Gathers the dropped texts of consecutive parts into one object: those of prepare, then the duplicates by language, and those
 * that are to replace a published page whatever the settings say; what is suppressed leaves no text.
 * Memory: one chunk, and one part's list of duplicates.
 */
export async function retain(
  store: Store,
  pipeline: TaskPipeline,
  task: { readonly key: string; readonly parts: readonly RetainPart[]; readonly criteria: Criteria; readonly versions?: string },
): Promise<RetainRecord> {
  const done = await store.find(`parts/${task.key}.json`)
  if (done !== undefined) return JSON.parse(Buffer.from(done).toString('utf8')) as RetainRecord
  const writer = await openDroppedWriter(store)
  let rows = 0
  const write = async (chunk: Pick<Chunk, 'ids' | 'texts'>, count: number, language?: string): Promise<void> => {
    const { url, text } = chunk.texts as { url: Chunk['texts'][string]; text: Chunk['texts'][string] }
    await writer.write({
      rows: count,
      docIds: chunk.ids,
      url,
      text,
      language: language === undefined ? textIn(chunk as Chunk, 'language') : sameText(language, count),
    })
    rows += count
  }
  try {
    const suppressed = suppressedRows(task.criteria)
    const versions = await readVersionIds(store, task.versions)
    for (const { key, placement, source } of task.parts) {
      const gone = suppressed(source)
      const record = await readPartRecord(store, key)
      for (const place of record.files.dropped.chunks) {
        const chunk = await readChunk(store, record.files.dropped.path, place)
        const codes = gone?.of(chunk.ids, textIn(chunk, 'url'))
        const keep = Array.from({ length: chunk.rows }, (_, row) => row).filter((row) => (codes?.[row] ?? 0) === 0)
        if (keep.length > 0) await write(selectTexts(chunk, keep), keep.length)
      }
      if (pipeline.retainDropped === 'none' && versions.size === 0) continue
      for (const [language, numbers] of await duplicateRows(store, record, placement)) {
        let at = 0
        for await (const { start, chunk } of readStagedTexts(store, record, language, numbers[0] ?? 0, Infinity)) {
          const keep: number[] = []
          const { offsets } = textIn(chunk, 'text')
          const codes = gone?.of(chunk.ids, textIn(chunk, 'url'))
          for (; at < numbers.length && (numbers[at] as number) < start + chunk.rows; at += 1) {
            const row = (numbers[at] as number) - start
            const bytes = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
            if ((codes?.[row] ?? 0) === 0 && retains(pipeline.retainDropped, chunk.ids, row, bytes, versions)) keep.push(row)
          }
          if (keep.length > 0) await write(selectTexts(chunk, keep), keep.length, language)
        }
      }
    }
    const record: RetainRecord = { object: rows === 0 ? null : await writer.close() }
    if (rows === 0) await writer.abort()
    await store.put(`parts/${task.key}.json`, JSON.stringify(record))
    return record
  } catch (error) {
    await writer.abort()
    throw error
  }
}
