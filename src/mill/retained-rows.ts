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
 * the same documents on every run and for every rule.
 */
export function retains(mode: TaskPipeline['retainDropped'], ids: Uint8Array, row: number, textBytes: number): boolean {
  if (textBytes === 0 || mode === 'none') return false
  return mode === 'all' || (ids[row * 16] ?? 0) < 16
}
