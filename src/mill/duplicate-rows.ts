import type { Store } from '../storage/store.ts'
import { candidateChunkRows, candidateRowBytes, decodeCandidates } from './candidate-file.ts'
import { decodePlacement } from './placement-file.ts'
import type { PartRecord } from './staged-part.ts'

/** Numbers of the duplicates among a part's documents of each language, ascending; languages in order of their codes. */
export async function duplicateRows(store: Store, record: PartRecord, placementKey: string): Promise<[language: string, numbers: number[]][]> {
  const { outcome } = decodePlacement(await store.get(placementKey))
  if (outcome.every((code) => code === 0)) return []
  const next = new Uint32Array(record.languages.length)
  const numbers = record.languages.map((): number[] => [])
  const rowBytes = candidateRowBytes(record)
  for (let first = 0; first < record.candidates; first += candidateChunkRows) {
    const rows = Math.min(candidateChunkRows, record.candidates - first)
    const bytes = await store.get(record.files.candidates.path, { offset: first * rowBytes, length: rows * rowBytes })
    const { languages } = decodeCandidates(bytes, rows, record)
    for (let row = 0; row < rows; row += 1) {
      const language = languages[row] ?? 0
      const number = next[language] ?? 0
      next[language] = number + 1
      if (outcome[first + row] !== 0) numbers[language]?.push(number)
    }
  }
  return record.languages
    .map((language, code): [string, number[]] => [language, numbers[code] ?? []])
    .filter(([, list]) => list.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
