import type { TextColumn } from '../core/batch.ts'
import type { Store } from '../storage/store.ts'
import { openArrow } from './arrow-reader.ts'
import { cutPieces } from './cut-pieces.ts'
import { keptTextSchema, sameText, type TextRows } from './text.ts'

/** All rows of a kept-text file, a batch in memory at a time. */
export async function* readTexts(store: Store, path: string): AsyncGenerator<TextRows> {
  const reader = await openArrow(store, path)
  const names = Object.keys(keptTextSchema.fields).filter((name) => name !== 'doc_id')
  for (let block = 0; block < reader.blocks.length; block += 1) {
    const { rows, columns } = await reader.read(block)
    const texts = Object.fromEntries(
      names.map((name): [string, TextColumn] => {
        const column = columns[name]
        // A file from before there was such a column.
        if (column === undefined && name !== 'text') return [name, sameText('', rows)]
        if (column?.offsets === undefined) throw new TypeError(`${path} has no text column "${name}"`)
        return [name, { type: 'text', values: column.values as Uint8Array, offsets: column.offsets }]
      }),
    )
    const pieces = columns[cutPieces]
    const cut = pieces === undefined ? {} : { [cutPieces]: { type: 'binary', ...pieces } }
    yield { rows, docIds: columns['doc_id']?.values as Uint8Array, ...texts, ...cut } as unknown as TextRows
  }
}
