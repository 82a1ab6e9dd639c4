import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wikiNames } from '../../src/sources/wikitext-links.ts'
import { wikiText } from '../../src/sources/wikitext.ts'
import { runPython } from '../python.ts'

const names = (file: string, category: string) =>
  wikiNames(
    new Map([
      [6, file],
      [14, category],
    ]),
  )
const german = names('Datei', 'Kategorie')

test.each([
  ['templates in templates', 'a {{x|{{y|[[z]]}}|}} b', 'a b'],
  ['a parameter', 'a {{{1|b}}} c', 'a c'],
  ['a table with a template', 'a\n{| class="x"\n| {{y|}} || 1\n|}\nb', 'a\n\nb'],
  ['a table in a table', '{|\n|\n{|\n| a\n|}\n|}\nb', 'b'],
  ['a picture whose caption has links', '[[Datei:x.jpg|mini|Der [[Dom|D]] {{y}}]]a', 'a'],
  ['a link to a category', '[[:Kategorie:Mühle]] [[Kategorie:Mühle]]', 'Kategorie:Mühle'],
  ['a link to another language', '[[en:Mill]]a [[Haus|B]]c', 'a Bc'],
  ['the pipe trick', '[[Wikipedia:Mühle (Technik)|]]', 'Mühle'],
  ['addresses', '[https://e.example/a Die Seite] [https://e.example/b] [1] [//e.example [[x|y]]]', 'Die Seite [1] y'],
  ['references', 'a<ref name="x">b</ref><ref name=y/> c<ref>d</REF>', 'a c'],
  ['formulas', 'a <math>x_1 < 2</math> b', 'a b'],
  ['text that is no markup', '<nowiki>[[a]] {{b}}</nowiki> 1 < 2 & 3', '[[a]] {{b}} 1 < 2 & 3'],
  ['a comment', 'a<!-- {{ -->b', 'ab'],
  ['entities', 'a&nbsp;b &amp;lt; &#8364; &#x20AC; &unknown;', 'a b &lt; € € &unknown;'],
  ['magic words', '__NOTOC__a __ΧΩΡΙΣΠΠ__b __init__', 'a b __init__'],
  ['headings without text', '== A ==\n=== B ===\n== C ==\nc\n== D ==\n{{x}}', 'C\nc'],
  ['lists', '* a\n** b\n# c\n; d : e\n----\nf', 'a\nb\nc\nd : e\n\nf'],
  ['what a template leaves in brackets', "'''Köln''' ({{IPA|x}}, {{y}}) liegt ({{z}}; am Rhein)", 'Köln liegt (am Rhein)'],
  ['what is never closed', 'a {{b\n[[c|d', 'a b\ncd'],
  ['what was never open', 'a }} b ]] c |} d', 'a }} b ]] c |} d'],
])('%s', (_, page, text) => {
  expect(wikiText(page, german)).toBe(text)
})

test('pictures and categories have the names of each wiki', () => {
  for (const [file, category] of [
    ['Файл', 'Категория'],
    ['Αρχείο', 'Κατηγορία'],
    ['Íomhá', 'Catagóir'],
    ['Stampa', 'Kategorija'],
    ['Fájl', 'Kategória'],
    ['Tiedosto', 'Luokka'],
  ] as const)
    expect(wikiText(`[[${file}:x.jpg|a]]b[[File:x.jpg|c]][[${category}:d]]`, names(file, category))).toBe('b')
})

/** Sentences in nine languages, and the constructs that no two readers of wikitext see differently. */
const words =
  'Ръчната мелница смила зърно Ο χειρόμυλος αλέθει το σιτάρι Die Mühle mahlt Körner La meule à bras broie le grain Il-mitħna tal-idejn titħan il-qamħ Żarna mieli się w młynie Kézi malom őröl gabonát Jahvekivi jahvatab vilja Cloch bhró meileann grán'.split(
    ' ',
  )
const word = fc.constantFrom(...words)
const phrase = fc.array(word, { minLength: 1, maxLength: 4 }).map((list) => list.join(' '))
const inline = fc.oneof(
  { weight: 3, arbitrary: phrase },
  phrase.map((text) => `'''${text}'''`),
  phrase.map((text) => `''${text}''`),
  phrase.map((text) => `[[${text}]]`),
  fc.tuple(phrase, phrase).map(([target, label]) => `[[${target}|${label}]]`),
  fc.tuple(phrase, phrase).map(([target, label]) => `[[${target}|''${label}'']]`),
  fc.tuple(phrase, phrase).map(([a, b]) => `{{${a}|${b}={{x|[[${a}]]}}}}`),
  phrase.map((text) => `<ref>${text} {{cite}}</ref>`),
  phrase.map((text) => `<!-- ${text} -->`),
  phrase.map((text) => `[https://e.example/a ${text}]`),
  phrase.map((text) => `<small>${text}</small>`),
  fc.constantFrom('&nbsp;', '&euro;', '&#8364;'),
)
const line = fc.array(inline, { minLength: 1, maxLength: 6 }).map((list) => list.join(' '))
const page = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: line },
      line.map((text) => `* ${text}`),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) => list.join('\n\n'))

test('mwparserfromhell strips the same words', () => {
  const pages = fc.sample(page, { numRuns: 300, seed: 17 })
  // It takes references for text; its users remove them first.
  const script = `
import json, sys, mwparserfromhell
def strip(page):
    code = mwparserfromhell.parse(page)
    for tag in code.filter_tags(matches=lambda node: node.tag == 'ref'): code.remove(tag)
    return code.strip_code(normalize=True, collapse=True)
print(json.dumps([strip(page) for page in json.load(sys.stdin)]))`
  const expected = JSON.parse(runPython(script, [], JSON.stringify(pages))) as string[]
  const plain = (text: string) =>
    text
      .replaceAll(/^\*/gmu, '')
      .split(/\s+/u)
      .filter((part) => part !== '')
      .join(' ')
  expect(pages.map((text) => plain(wikiText(text, german)))).toEqual(expected.map(plain))
})

test('any text is read without an error, and nothing that is closed stays open', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '{|',
    '|}',
    '|',
    '[[',
    ']]',
    '[http://a ',
    ']',
    '<ref>',
    '</ref>',
    '<',
    '>',
    '<!--',
    '-->',
    '\n',
    '==',
    "'''",
    '__X__',
    '&#1;',
    '<pre>',
    'text',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = wikiText(pieces.join(''), german)
      expect(text).toBe(text.trim())
      expect(wikiText(`{{${'{{x}}'.repeat(pieces.length)}}}`, german)).toBe('')
    }),
    { numRuns: 500, seed: 5 },
  )
})
