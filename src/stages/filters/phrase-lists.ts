import type { Batch } from '../../core/batch.ts'
import type { Context } from '../../core/component.ts'
import { QuernError } from '../../core/errors.ts'
import { openPhrases, type PhraseLists } from '../../native/phrases.ts'
import type { RowSettings } from './language-limits.ts'

/** Kinds of phrases of `filters.line-rules` in a language file, in the order of the kernel. */
export const linePhrases = ['read-more', 'counters', 'cookies', 'share', 'login', 'javascript'] as const

/** Limits of `line-rules` for languages whose file says nothing else. Short lines stay: verses, list items, headings and code are short. */
export const lineLimits = {
  'min-line-words': 'off',
  'min-line-characters': 'off',
  'max-line-digits': 0.9,
  'max-repeated-lines': 2,
  'max-removed-share': 0.7,
} as const

/** Where phrases come from: keys of one filter in the language files, and the settings of a batch's rows. */
export interface PhraseSource {
  readonly stage: string
  readonly keys: readonly string[]
  readonly ofRows: (batch: Batch) => (row: number) => RowSettings
}

/**
 * The phrases of every language met so far. The kinds are the keys of the sources, one source after the other. Pages of every
 * language have English buttons: English phrases hold for all.
 */
export function phraseLists(sources: readonly PhraseSource[], context: Context) {
  const lists: string[][][] = []
  const numbers = new Map<number, number>()
  let native: PhraseLists | undefined

  const phrasesOf = (settings: Readonly<Record<string, unknown>> | undefined, stage: string, key: string): readonly string[] => {
    const phrases = settings?.[key] ?? []
    if (Array.isArray(phrases) && phrases.every((phrase) => typeof phrase === 'string' && /[\p{L}\p{N}#]/u.test(phrase))) return phrases as string[]
    throw new QuernError('bad-config', `a language file: filters.${stage}.${key}: expected a list of phrases, each with a letter`, {
      remedy: 'Quote a phrase that YAML reads as something else, such as "no" or "# views".',
    })
  }
  const groupsOf = (settings: readonly RowSettings[]): string[][] =>
    sources.flatMap(({ stage, keys }, i) => {
      const english = context.language('en')?.filters[stage]
      return keys.map((key) => [...new Set([...phrasesOf(settings[i]!.settings, stage, key), ...phrasesOf(english, stage, key)])])
    })

  return (batch: Batch): { readonly phrases: PhraseLists; readonly listOfRow: Int32Array } => {
    const settingsOf = sources.map(({ ofRows }) => ofRows(batch))
    const listOfRow = Int32Array.from({ length: batch.rows }, (_, row) => {
      const first = settingsOf[0]!(row)
      let number = numbers.get(first.group)
      if (number === undefined) {
        number = lists.push(groupsOf(settingsOf.map((of) => of(row)))) - 1
        numbers.set(first.group, number)
        native = undefined
      }
      return number
    })
    native ??= openPhrases(lists)
    return { phrases: native, listOfRow }
  }
}
