import type { Column, TextColumn } from '../core/batch.ts'
import { textBuilder, type TextBuilder } from '../core/text-builder.ts'
import type { Chunk } from './staging-file.ts'

/** The texts that travel with a kept document, besides its id. */
export const keptTexts = ['url', 'title', 'author', 'published', 'licence_link', 'rights', 'page_licence', 'date', 'extra', 'text'] as const

/** A staged chunk closes at this many bytes of text or rows: small enough that fifty languages at once fit in memory. */
const chunkBytes = 1 << 20
const chunkRows = 4096

export interface TextChunker {
  add(id: Uint8Array, columns: Readonly<Record<string, Column>>, row: number): Promise<void>
  finish(): Promise<void>
}

/** Gathers ids and texts of documents into chunks, cut by the documents alone. Columns that a batch lacks stay empty. */
export function textChunker(names: readonly string[], flush: (chunk: Chunk) => Promise<void>): TextChunker {
  const texts: [string, TextBuilder][] = names.map((name) => [name, textBuilder()])
  let ids = new Uint8Array(64 * 16)
  const nothing = new Uint8Array(0)
  let rows = 0
  let bytes = 0

  async function finish(): Promise<void> {
    if (rows === 0) return
    const chunk: Chunk = {
      rows,
      ids: ids.slice(0, rows * 16),
      numbers: {},
      texts: Object.fromEntries(texts.map(([name, builder]): [string, TextColumn] => [name, builder.take()])),
    }
    rows = 0
    bytes = 0
    await flush(chunk)
  }

  return {
    async add(id, columns, row) {
      for (const [name, builder] of texts) {
        const column = columns[name]
        if (column?.type === 'text') builder.append(column, row)
        else if (column?.type === 'label') builder.appendBytes(labelBytes(column.labels[column.indices[row] ?? -1] ?? ''))
        else builder.appendBytes(nothing)
        if (name === 'text') bytes = builder.bytes
      }
      if (rows * 16 === ids.byteLength) {
        const wider = new Uint8Array(Math.min(chunkRows * 16, ids.byteLength * 4))
        wider.set(ids)
        ids = wider
      }
      ids.set(id, rows * 16)
      rows += 1
      if (rows === chunkRows || bytes >= chunkBytes) await finish()
    },
    finish,
  }
}

const encoded = new Map<string, Uint8Array>()

function labelBytes(label: string): Uint8Array {
  let bytes = encoded.get(label)
  if (bytes === undefined) encoded.set(label, (bytes = new TextEncoder().encode(label)))
  return bytes
}

export interface TextSorter {
  add(language: string, id: Uint8Array, columns: Readonly<Record<string, Column>>, row: number): Promise<void>
  finish(): Promise<void>
}

/** Sorts documents into chunks of one language, so that press reads only what it needs. Memory: a chunk a language. */
export function textSorter(flush: (language: string, chunk: Chunk) => Promise<void>): TextSorter {
  const bins = new Map<string, TextChunker>()
  return {
    async add(language, id, columns, row) {
      let bin = bins.get(language)
      if (bin === undefined) bins.set(language, (bin = textChunker(keptTexts, (chunk) => flush(language, chunk))))
      await bin.add(id, columns, row)
    },
    async finish() {
      for (const language of [...bins.keys()].sort()) await bins.get(language)?.finish()
    },
  }
}
