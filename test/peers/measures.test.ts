import { describe, expect, test } from 'vitest'
import { compare, datatroveVerdicts, type Document, ourVerdicts } from './agreement.ts'
import { declarationPages, officialLanguages } from './declaration.ts'
import { mutated } from './mutations.ts'
import { python } from '../python.ts'

/**
 * A fast part of `npm run bench -- agreement`: pages of the declaration of human rights, as they are and changed, every rule asked
 * alone. What may differ, and why, is in `measures.md` beside this file.
 */
const languages = officialLanguages.filter((language) => language !== 'mt')
const pages = 24

describe('rules of Gopher, C4, FineWeb and FineWeb2', () => {
  test('drop what datatrove drops', { timeout: 600_000 }, async () => {
    const documents: Document[] = languages.flatMap((language, seed) =>
      mutated(declarationPages(language).slice(0, 2), pages, seed).map((text) => ({ language, text })),
    )
    const theirs = datatroveVerdicts(python, documents)
    const ours = []
    for (const language of languages) {
      const texts = documents.filter((document) => document.language === language).map(({ text }) => text)
      ours.push(...(await ourVerdicts(language, texts)))
    }
    const cells = compare(documents, ours, theirs)
    const rules = new Map<string, { fired: number; apart: string[] }>()
    for (const { rule, language, both, ours, theirs } of cells) {
      const found = rules.get(rule) ?? { fired: 0, apart: [] }
      found.fired += both + ours.length + theirs.length
      found.apart.push(...[...ours, ...theirs].map((i) => `${language} ${rule}: ${documents[i]!.text.slice(0, 300)}`))
      rules.set(rule, found)
    }
    const wrong = [...rules.values()].filter(({ fired, apart }) => apart.length > 0.01 * fired).flatMap(({ apart }) => apart)
    expect(wrong).toEqual([])
    expect([...rules.keys()].length).toBeGreaterThan(40)
  })
})
