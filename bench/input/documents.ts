import { readFileSync } from 'node:fs'

export interface Document {
  readonly language: string
  readonly text: string
}

/** JSON lines with `text` and `lang` or `language`. */
export function readDocuments(path: string): readonly Document[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { text, lang, language } = JSON.parse(line) as { text: string; lang?: string; language?: string }
      return { text, language: lang ?? language ?? '' }
    })
}
