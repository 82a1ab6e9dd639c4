import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { openLanguageModel } from '../../src/native/language-model.ts'
import { modelFile } from '../../src/stages/language/models.ts'
import { runPython } from '../python.ts'
import { context } from '../stages/run-stage.ts'
import { type ModelShape, modelBytes } from './fasttext-file.ts'

const vocabulary = ['</s>', 'der', 'die', 'das', 'Mühle', 'naïve', 'ελιά', '日本', 'a', 'x'.repeat(90)]
const kept = [3, 7, 11, 13, 17, 23, 42, 99, 100, 250, 251, 252, 300, 401, 478, 499]

const shapes: Readonly<Record<string, ModelShape>> = {
  softmax: { dim: 10, loss: 'softmax', minn: 2, maxn: 4, bucket: 500, wordNgrams: 3, words: vocabulary, labels: 21 },
  'softmax with scores that tie': { dim: 10, loss: 'softmax', minn: 1, maxn: 3, bucket: 500, words: vocabulary, labels: 40, scale: 60 },
  'hierarchical softmax': { dim: 16, loss: 'hs', minn: 2, maxn: 4, bucket: 500, words: vocabulary, labels: 33 },
  'hierarchical softmax of one label': { dim: 3, loss: 'hs', words: vocabulary, labels: 1 },
  'one versus all': { dim: 7, loss: 'ova', minn: 3, maxn: 3, bucket: 500, wordNgrams: 2, words: vocabulary, labels: 17, scale: 3 },
  'negative sampling': { dim: 5, loss: 'ns', words: vocabulary.slice(1), labels: 9 },
  'words alone': { dim: 4, loss: 'softmax', words: vocabulary.slice(1), labels: 5 },
  'version 11, which had no subwords': { version: 11, dim: 6, loss: 'softmax', minn: 2, maxn: 4, bucket: 500, words: vocabulary, labels: 5 },
  'quantized and pruned': {
    dim: 16,
    loss: 'hs',
    minn: 2,
    maxn: 4,
    bucket: 500,
    words: vocabulary,
    labels: 20,
    quantized: { part: 2, norms: false, output: false },
    kept,
  },
  'quantized with norms, output too': {
    dim: 10,
    loss: 'softmax',
    minn: 1,
    maxn: 5,
    bucket: 500,
    wordNgrams: 2,
    words: vocabulary,
    labels: 20,
    quantized: { part: 3, norms: true, output: true },
    kept,
  },
  'quantized hierarchical output': {
    dim: 9,
    loss: 'hs',
    minn: 2,
    maxn: 3,
    bucket: 500,
    words: vocabulary,
    labels: 12,
    quantized: { part: 2, norms: true, output: true },
  },
  'every bucket pruned': {
    dim: 8,
    loss: 'ova',
    minn: 2,
    maxn: 3,
    bucket: 500,
    words: vocabulary,
    labels: 6,
    quantized: { part: 4, norms: false, output: false },
    kept: [],
  },
}

const texts = [
  '',
  ' \t ',
  'der die das',
  'Die Mühle steht am Fluss.',
  'das der\vdie\fdas\0a\rder',
  'a </s> der die das Mühle', // the reference stops at this token
  '__label__l3 der __label__unknown die',
  'no\u00A0break\u2003space\u0085inside ελιά naïve 日本語 日本',
  `${'x'.repeat(90)} ${'y'.repeat(300)} ${'ä'.repeat(100)}`,
  'e\u0301\u0301 👩‍👩‍👧 \u200B ﬁ',
  'der '.repeat(2000),
  'Сва људска бића рађају се слободна и једнака у достојанству и правима.',
  'All human beings are born free and equal in dignity and rights.',
  'Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās. Viņi ir apveltīti ar saprātu un sirdsapziņu.',
  'Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter.',
  'Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima.',
  'زاد الناس جميعا أحرارا متساوين في الكرامة والحقوق',
]

const script = `
import fasttext, json, sys
texts = json.load(sys.stdin)
out = []
for path in sys.argv[1:]:
    model = fasttext.load_model(path)
    out.append([[list(map(list, zip(*model.predict(text, k=k)))) for k in (3, 1000)] for text in texts])
print(json.dumps(out))
`

type Answer = readonly (readonly [label: string, score: number])[]
const folder = mkdtempSync(join(tmpdir(), 'quern-models-'))
const paths: Record<string, string> = {
  'lid.176': modelFile('lid.176', context).path,
  'quern-lid': modelFile('quern-lid', context).path,
}
let answers: Readonly<Record<string, readonly (readonly [Answer, Answer])[]>> = {}

beforeAll(() => {
  for (const [i, [name, shape]] of Object.entries(shapes).entries()) {
    paths[name] = join(folder, `${i}.bin`)
    writeFileSync(paths[name], modelBytes(shape, i + 1))
  }
  const printed = JSON.parse(runPython(script, Object.values(paths), JSON.stringify(texts))) as (readonly [Answer, Answer])[][]
  answers = Object.fromEntries(Object.keys(paths).map((name, i) => [name, printed[i]!]))
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(['lid.176', 'quern-lid', ...Object.keys(shapes)])('%s: every label and score is that of the reference', (name) => {
  const model = openLanguageModel(paths[name]!)
  // Twice: the second time every word comes from the cache.
  const column = textColumn([...texts, ...texts])
  for (const [i, k] of [3, model.labels.length].entries()) {
    const { labels, scores } = model.predict(column, k)
    for (let row = 0; row < texts.length * 2; row++) {
      const ours = Array.from({ length: k }, (_, n) => row * k + n)
        .filter((at) => labels[at] !== -1)
        .map((at) => [`__label__${model.labels[labels[at]!]}`, scores[at]])
      expect(ours, `text ${row % texts.length}, k ${k}`).toEqual(answers[name]![row % texts.length]![i])
    }
  }
})

const small: ModelShape = {
  dim: 3,
  loss: 'hs',
  minn: 2,
  maxn: 3,
  bucket: 9,
  words: ['a', 'bc'],
  labels: 3,
  quantized: { part: 2, norms: true, output: true },
  kept: [1, 4],
}

function opening(bytes: Uint8Array): unknown {
  const path = join(folder, 'damaged.ftz')
  writeFileSync(path, bytes)
  try {
    openLanguageModel(path).predict(textColumn(texts), 3)
    return undefined
  } catch (error) {
    return error
  }
}

test('a model cut off anywhere is refused, and says where', () => {
  const whole = modelBytes(small)
  expect(opening(whole)).toBeUndefined()
  for (let length = 0; length < whole.length; length += length < 400 ? 1 : 97) {
    const error = opening(whole.slice(0, length))
    expect(error, `cut at ${length}`).toMatchObject({ code: 'unsupported-model' })
  }
})

test('a header that promises more than there is costs nothing', () => {
  for (let at = 8; at < 200; at++) {
    const bytes = modelBytes(small)
    bytes.fill(0x7f, at, at + 4)
    const error = opening(bytes)
    if (error !== undefined) expect(error, `at ${at}`).toMatchObject({ code: 'unsupported-model' })
  }
})

test('word vectors and versions to come are refused by name', () => {
  const bytes = modelBytes(small)
  bytes[4] = 13
  expect(opening(bytes)).toMatchObject({ message: expect.stringContaining('version is 13') })
  bytes[4] = 12
  bytes[36] = 1
  expect(opening(bytes)).toMatchObject({ message: expect.stringContaining('word-vector') })
})
