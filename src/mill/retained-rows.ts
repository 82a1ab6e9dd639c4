import type { TaskPipeline } from './portable-pipeline.ts'

/**
 * Nobody may keep the text of what is denied: not of a document that the rights stage dropped, nor of one that another rule
 * dropped first. `rule` is that of the drop with its stage, `rights` what the rights stage decided, if there is one.
 */
export function withheld(rule: string, rights: string | undefined): boolean {
  return rights === 'deny' || rule.startsWith('rights/')
}

/**
 * Whether a dropped document's text is retained. A sample is one in sixteen, by the document's id alone, so that it is
 * the same documents on every run and for every rule. `versions` are ids (16 characters of one byte each) of newer versions of
 * published pages, whose texts come in with the next snapshot, whatever the mode.
 */
export function retains(
  mode: TaskPipeline['retainDropped'],
  ids: Uint8Array,
  row: number,
  textBytes: number,
  versions: ReadonlySet<string> = new Set(),
): boolean {
  if (textBytes === 0) return false
  if (mode === 'all' || (mode === 'sample' && (ids[row * 16] ?? 0) < 16)) return true
  return versions.size > 0 && versions.has(Buffer.from(ids.buffer, ids.byteOffset + row * 16, 16).toString('latin1'))
}
