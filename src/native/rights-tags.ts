import type { BinaryColumn, TextColumn } from '../core/batch.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

/**
 * The tags of every page's head that speak of rights, as lines `meta<TAB>name<TAB>content` and
 * `link<TAB>type<TAB>address` (the links of `rel=license`), names and types in lower case. Most rows are empty.
 */
export function rightsTags(payload: BinaryColumn): TextColumn {
  const rows = payload.offsets.length - 1
  checkOffsets('payload', payload.values, payload.offsets, rows)
  const { values, offsets } = kernel('looking for rights in pages', () => binding.rightsTags(payload.values, payload.offsets))
  checkOffsets('tags', values, offsets, rows)
  return { type: 'text', values, offsets }
}
