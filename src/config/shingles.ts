import type { PipelineSource, PipelineStage } from '../core/pipeline.ts'

interface Shingles {
  readonly shingles: 'words' | 'characters'
  readonly 'shingle-size': number | null
  readonly within: 'dataset' | 'language'
  readonly compatible: 'datatrove' | null
}

const mostWords = 16

/** What the options of `near-duplicates` that say what is compared ask of each other, and of what stands above. */
export function checkShingles(
  sources: readonly Pick<PipelineSource, 'component'>[],
  stages: readonly Pick<PipelineStage, 'component' | 'config'>[],
  wrong: (index: number, message: string, remedy: string, option: string) => void,
): void {
  const index = stages.findIndex(({ component }) => component.name === 'near-duplicates')
  const config = stages[index]?.config as Shingles | undefined
  if (config === undefined) return // options that have mistakes of their own were told
  const { shingles, 'shingle-size': size, within, compatible } = config
  if (compatible === 'datatrove') {
    const others = [
      ['shingles', shingles, 'words'],
      ['shingle-size', size ?? 5, 5],
      ['within', within, 'dataset'],
    ] as const
    for (const [option, is, must] of others)
      if (is !== must)
        wrong(
          index,
          `"compatible: datatrove" compares runs of five words of all documents, and "${option}" is ${is}`,
          `Remove "${option}", or "compatible" to compare in Quern's own way.`,
          option,
        )
    return
  }
  if (shingles === 'words' && size !== null && size > mostWords)
    wrong(
      index,
      `a shingle of ${size} words: it has 1 to ${mostWords} words`,
      `Set "shingle-size" to ${mostWords} or less, or "shingles: characters".`,
      'shingle-size',
    )
  const above = [...sources, ...stages.slice(0, index)]
  if (within === 'language' && !above.some(({ component }) => component.writes.includes('language')))
    wrong(
      index,
      'near-duplicates compares documents of one language, and no stage above it tells languages',
      'Put the language stage above it, or remove "within".',
      'within',
    )
}
