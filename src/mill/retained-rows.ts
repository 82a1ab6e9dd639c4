import type { TaskPipeline } from './portable-pipeline.ts'

/**
 * Whether a dropped document's text is retained. A sample is one in sixteen, by the document's id alone, so that it is
 * the same documents on every run and for every rule.
 */
export function retains(mode: TaskPipeline['retainDropped'], ids: Uint8Array, row: number, textBytes: number): boolean {
  if (textBytes === 0 || mode === 'none') return false
  return mode === 'all' || (ids[row * 16] ?? 0) < 16
}
