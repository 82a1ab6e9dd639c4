import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { rowText, type TextColumn, textColumn } from '../../src/core/batch.ts'
import { segmentTexts } from '../../src/native/segment.ts'
import { runPython } from '../python.ts'

/**
 * Words and sentences against spaCy's blank tokenizers with the sentencizer, as datatrove 0.10 calls them. Texts: the
 * sample documents, and random ones made of what the rules speak of, among them each language's own exceptions, which
 * spaCy lists and the seed chooses.
 */
const peer = `
import json, random, sys
import spacy
texts = json.load(sys.stdin)
marks = list("\\"'’\`´“”„‚«»()[]{}<>,.;:!?…¿¡-–—~/\\\\|+*^=%&@#$€£§°²·•×‑") + ['..', '...', '--', '---', "''", ',,', "'s", '’s', 'US$', '😀', '™']
words = ['a', 'A', 'XIV', 'km', '10', '3,5', '12:30', '2020', "'68", '90°', "d'", 'l’', '-il', 'anti', 'guarda', 'chuva', 'de', 'la',
         'www.example.com', 'http://a.b/c-d', 'foo@bar.com', '8.8.8.8', 'ä', 'É', 'я', 'ω', '日本', '-e', '-ul', 'într-', "'l", '-lo', 'BTC', 'dwu', 'R$']
out = {}
for language, known in texts.items():
    nlp = spacy.blank('nb' if language == 'nn' else 'sr' if language == 'bs' else language)
    nlp.add_pipe('sentencizer')
    rules = sorted(rule for rule in nlp.tokenizer.rules if rule.strip())
    own = [word for text in known for word in text.split()][:3000] or ['word']
    draw = random.Random(int(sys.argv[1]))
    def piece():
        kind = draw.random()
        return draw.choice(marks if kind < .35 else words if kind < .5 else rules if kind < .75 else own)
    for _ in range(400):
        parts = (''.join(piece() for _ in range(draw.choice([1, 1, 2, 3]))) + draw.choice([' ', ' ', ' ', '  ', '\\n', '\\u00a0']) for _ in range(6))
        known.append(''.join(parts))
    cut = []
    for text in known:
        doc = nlp(text)
        cut.append([[token.text for token in doc if token.text.strip()], [span.text.strip() for span in doc.sents if span.text.strip()]])
    out[language] = [known, cut]
print(json.dumps(out))
`

/** All languages that datatrove gives to spaCy and a page of the European web is in. */
const languages = 'bg hr cs da nl en et fi fr de el hu ga it lv lt pl pt ro sk sl es sv nb nn is uk ca eu sr bs mk sq ru tr lb fo'.split(' ')

function samples(): Record<string, string[]> {
  const texts: Record<string, string[]> = Object.fromEntries(languages.map((language) => [language, []]))
  const file = fileURLToPath(new URL('../../data-samples/documents.jsonl', import.meta.url))
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    // Some lines are damaged on purpose; the declarations of human rights have their language in their id.
    const [, language] = /^\{"id": ?"udhr-([a-z]{2})"/.exec(line) ?? []
    if (language !== undefined) texts[language]?.push((JSON.parse(line) as { text: string }).text)
  }
  return texts
}

/** The parts of every row that `offsets` and `bounds` name. */
function parts(text: TextColumn, offsets: Uint32Array, bounds: Uint32Array, row: number): string[] {
  const bytes = new TextEncoder().encode(rowText(text, row))
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const found: string[] = []
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) found.push(decoder.decode(bytes.subarray(bounds[2 * i], bounds[2 * i + 1])))
  return found
}

describe('words and sentences are those of spaCy', () => {
  const expected = JSON.parse(runPython(peer, ['7'], JSON.stringify(samples()))) as Record<string, [string[], [string[], string[]][]]>
  test.each(languages)('%s', (language) => {
    const [texts, cut] = expected[language]!
    const text = textColumn(texts)
    const ours = segmentTexts(text, { type: 'label', indices: new Int32Array(texts.length), labels: [language] })
    const differing = texts.flatMap((_, row) => {
      const [words, sentences] = cut[row]!
      const mine = [parts(text, ours.offsets, ours.bounds, row), parts(text, ours.sentenceOffsets, ours.sentenceBounds, row)]
      return JSON.stringify(mine) === JSON.stringify([words, sentences]) ? [] : [{ spacy: [words, sentences], ours: mine }]
    })
    expect(differing).toEqual([])
  })
})
