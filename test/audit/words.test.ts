import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tongues } from '../../web/src/words.ts'
import { root } from '../quern.ts'

/** Words that are the same in both languages, and right. */
const same = new Set(['tokens', 'alpha', 'keyTokens', 'keyOriginal', 'original', 'text', 'bytes', 'host', 'url'])

test('English and German have the same texts, none empty, none left in English', () => {
  const { en, de } = tongues as Readonly<Record<'en' | 'de', Readonly<Record<string, string>>>>
  expect(Object.keys(de).toSorted()).toEqual(Object.keys(en).toSorted())
  expect(Object.entries(de).filter(([, says]) => says.trim() === '')).toEqual([])
  const alike = Object.keys(en).filter((key) => en[key]!.toLowerCase() === de[key]!.toLowerCase())
  expect(alike.filter((key) => !same.has(key))).toEqual([])
})

test('no page holds a word of its own beside the texts', () => {
  const folder = join(root, 'web', 'src')
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.tsx'))
    .flatMap((name) => {
      const code = readFileSync(join(folder, name), 'utf8')
      // What stands between tags, and the attributes that people hear.
      const texts = [...code.matchAll(/<\/?[a-z][^<>{}]*>\s*(?!return\b)([A-Za-z][a-z]{2,}[^<>{}]*)</g)].map(([, text]) => text!.trim())
      const heard = [...code.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]+)"/g)].map(([, text]) => text!)
      return [...texts, ...heard].filter((text) => !names.has(text)).map((text) => `${name}: ${text}`)
    })
  expect(found).toEqual([])
})

/** Names, which are the same in every language. */
const names = new Set(['Quern', 'English', 'Deutsch', 'CSV', 'Parquet', 'Esc'])

test('every text is used by some page', () => {
  const folder = join(root, 'web', 'src')
  const code = readdirSync(folder)
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  const used = (key: string): boolean => code.includes(`w.${key}`) || code.includes(`'${key}'`) || byName.test(key)
  expect(Object.keys(tongues.en).filter((key) => !used(key))).toEqual([])
})

/** Looked up by a name that the server gives. */
const byName = /^(?:missing-|porn$|artefacts$|unnatural$|wrong-language$|verdict$)/
