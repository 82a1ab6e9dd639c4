import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadPipeline } from '../../src/config/pipeline-file.ts'
import { type ErrorCode, QuernError, QuernErrors } from '../../src/core/errors.ts'
import { openEncoder, openStages } from '../../src/mill/judge.ts'
import { sourceFiles } from '../../src/config/source-files.ts'
import { fixtures } from './fixture-registry.ts'
import { temporaryFolder } from './temporary.ts'

/** Lines are counted on in the table below. */
export const good = `name: nightly
sources:
  - use: lines
    name: news
    licence: CC0-1.0
    paths: ["*.txt"]
stages:
  - use: language
    keep: [de, fr]
  - use: word-count
    min-words: 3
  - use: near-duplicates
    similarity: 0.8
  - use: tokenize
    tokenizer: tokenizer.json
output:
  dataset: out
tests:
  - name: a short text goes
    given: short.txt
    dropped-by: word-count/too-few-words
`

export const files = { 'tokenizer.json': '{}', 'short.txt': 'zu kurz' }

export interface Mistake {
  readonly what: string
  /** Replacements in the good file. */
  readonly change?: readonly [string, string][]
  /** The whole file instead. */
  readonly file?: string | Uint8Array
  readonly others?: Readonly<Record<string, string>>
  readonly set?: readonly string[]
  readonly out?: string
  readonly code?: ErrorCode
  /** `line:column`, or null for a mistake that has no place in the file. */
  readonly at: string | null
  readonly says: RegExp
  readonly remedy: RegExp
}

export async function mistakesOf(mistake: Mistake): Promise<readonly QuernError[]> {
  let text = good
  for (const [from, to] of mistake.change ?? []) {
    expect(text, 'the table no longer fits the good file').toContain(from)
    text = text.replace(from, to)
  }
  const folder = temporaryFolder({ ...files, 'nightly.yaml': mistake.file ?? text, ...mistake.others })
  try {
    const pipeline = await loadPipeline(join(folder, 'nightly.yaml'), fixtures, { out: mistake.out, set: mistake.set })
    for (const source of pipeline.sources) await sourceFiles(source)
    await openStages(pipeline)
    await openEncoder(pipeline)
  } catch (error) {
    if (error instanceof QuernErrors) return error.errors
    if (error instanceof QuernError) return [error]
    throw error
  }
  return []
}

/** A test for each: one error, of its code, at its place, with its remedy. */
export function tellsMistakes(table: readonly Mistake[]): void {
  describe('tells with place and remedy:', () => {
    test.each(table)('$what', async (mistake) => {
      const [error, ...more] = await mistakesOf(mistake)
      expect(more.map(String)).toEqual([])
      expect(error).toBeInstanceOf(QuernError)
      const { code, place, message, remedy, exit } = error!
      expect(message).toMatch(mistake.says)
      expect(code).toBe(mistake.code ?? 'bad-config')
      expect(exit).toBe(2)
      expect(place === undefined ? null : `${place.line}:${place.column}`).toBe(mistake.at)
      expect(remedy).toMatch(mistake.remedy)
    })
  })
}
