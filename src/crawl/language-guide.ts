import { fileURLToPath } from 'node:url'
import { openLanguageModel } from '../native/language-model.ts'
import type { Host } from './politeness.ts'

/** Quern's own model: it reads normalised text and is small enough to be there always. */
const model = fileURLToPath(new URL('../../pipelines/models/quern-lid.ftz', import.meta.url))

/** Fewer characters of text say less than what the page says of itself. */
const leastCharacters = 200
/** A model's guess below this is none. */
const leastScore = 0.5

/** From here on a host's share of useful pages is believed. */
const believed = 5
/** A host of which so many pages are known, and less than this share of them useful, is left. */
const enough = 50
const leastShare = 0.02

/** Steps of addresses in the queue, lower first; see `Way.step`. */
const steps = { named: 1, useful: 4, unknown: 8, useless: 11, other: 14 } as const

/** Steers a crawl to its languages. */
export interface LanguageGuide {
  /** Whether a page is in one of the languages, by its text or, where there is little, by its `lang`; undefined when nobody can tell. */
  useful(text: string, declared: string): boolean | undefined
  /** The step of a link with this `hreflang` on a page that is useful, or not, or of which that is not known. */
  step(hreflang: string, onUseful: boolean | undefined): number
}

export function languageGuide(languages: readonly string[]): LanguageGuide {
  const wanted = new Set(languages)
  const reader = openLanguageModel(model)
  const primary = (tag: string): string => tag.split(/[-_]/, 1)[0]!.toLowerCase()
  return {
    useful(text, declared) {
      if (text.length >= leastCharacters) {
        const values = new TextEncoder().encode(text)
        const { labels: found, scores } = reader.predict({ type: 'text', values, offsets: Int32Array.of(0, values.byteLength) }, 1, {
          mostBytes: 0,
          normalised: true,
        })
        if (scores[0]! >= leastScore) return wanted.has(reader.labels[found[0]!] ?? '')
      }
      return declared === '' ? undefined : wanted.has(primary(declared))
    },
    step(hreflang, onUseful) {
      // `x-default` is a page to choose a language on.
      const tag = primary(hreflang)
      if (tag !== '' && tag !== 'x') return wanted.has(tag) ? steps.named : steps.other
      return onUseful === undefined ? steps.unknown : onUseful ? steps.useful : steps.useless
    },
  }
}

/** Counts a page that was judged. */
export function judged(host: Host, useful: boolean | undefined): void {
  if (useful === undefined) return
  host.row = { ...host.row, judged: host.row.judged + 1, useful: host.row.useful + (useful ? 1 : 0) }
}

/** How many times its pause a host rests: up to ten times, the less of it is useful, so that the budget goes to the others. */
export function patience({ row }: Host): number {
  return row.judged < believed ? 1 : 1 + 9 * (1 - row.useful / row.judged)
}

/** A host that gives nothing. */
export function isUseless({ row }: Host): boolean {
  return row.judged >= enough && row.useful / row.judged < leastShare
}

/** Of a page, without scripts and markup: enough for a guess. */
export const sampleCharacters = 4000
