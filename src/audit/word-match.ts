import { QuernError } from '../core/errors.ts'

/** Part of a text around what was found. */
export interface Snippet {
  readonly before: string
  readonly found: string
  readonly after: string
}

/** Finds a snippet where a text has all that was asked for; undefined where it has not. */
export type WordMatcher = (text: string) => Snippet | undefined

const around = 80

/**
 * Words in any order, or phrases in quotation marks; `Mensch*` is the beginning of a word. Case does not count, nor the two
 * forms of a Greek sigma, nor in a question with Greek letters the accents, which capitals lack. Linear in the text.
 */
export function wordMatcher(asked: string): WordMatcher {
  const greek = /\p{Script=Greek}/u.test(asked)
  const fold = (text: string): string => {
    const folded = text.toLowerCase()
    return greek
      ? folded
          .replaceAll('ς', 'σ')
          .normalize('NFD')
          .replaceAll(/[\u0301\u0308\u0342\u0300]/g, '')
          .normalize('NFC')
      : folded
  }
  const terms = [...asked.normalize('NFC').matchAll(/["„“”«»]([^"„“”«»]+)["„“”«»]|([^\s"„“”«»]+)/g)].map(([, phrase, word]) => {
    const term = fold((phrase ?? word ?? '').replaceAll(/\s+/g, ' ').trim())
    return term.endsWith('*') ? { term: term.replace(/\*+$/, ''), open: true } : { term, open: false }
  })
  const wanted = terms.filter(({ term }) => term !== '')
  if (wanted.length === 0) throw new QuernError('bad-usage', `"${asked}" has no word to search for`, { remedy: 'Give a word, or a "phrase".' })
  return (text) => {
    const normal = text.normalize('NFC')
    const folded = fold(normal)
    let first: { readonly at: number; readonly length: number } | undefined
    for (const { term, open } of wanted) {
      const at = placeOf(folded, term, open)
      if (at === -1) return undefined
      first ??= { at, length: term.length }
    }
    if (first === undefined) return undefined
    // A few letters fold into two; then the folded text is shown, whose places these are.
    const shown = folded.length === normal.length ? normal : folded
    const { at, length } = first
    return {
      before: shown.slice(Math.max(0, at - around), at).toWellFormed(),
      found: shown.slice(at, at + length),
      after: shown.slice(at + length, at + length + around).toWellFormed(),
    }
  }
}

const letter = /[\p{L}\p{M}\p{N}]/u

/** Where a term stands as a word of its own; -1 where it does not. */
function placeOf(text: string, term: string, open: boolean): number {
  const [startsAsWord, endsAsWord] = [letter.test(term[0]!), letter.test(term.at(-1)!)]
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + 1)) {
    const end = at + term.length
    if (startsAsWord && at > 0 && letter.test(text[at - 1]!)) continue
    if (!open && endsAsWord && end < text.length && letter.test(text[end]!)) continue
    return at
  }
  return -1
}
