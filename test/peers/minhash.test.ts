import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { bandsPerRow, datatroveMinima, sign, type DatatroveBands } from '../../src/native/minhash.ts'
import { python } from '../python.ts'

/** Writes the signature and bucket files of datatrove's own two steps, for one folder each of language and hash. */
const peer = `
import json, sys, unicodedata
from datatrove.data import Document
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupSignature
from datatrove.utils.hashing import HashConfig
from datatrove.utils.word_tokenizers import SpaCyTokenizer
jobs = json.load(open(sys.argv[1] + '/jobs.json'))
# Every character that this Python knows, alone and within a word; but the one that Unicode 16 made a spacing mark.
known = [chr(point) for point in range(1, 0x30000) if unicodedata.category(chr(point)) not in ('Cn', 'Co', 'Cs') and point != 0x1171E]
jobs[-1]['texts'] += [
    'one two ' + ''.join(c if i % 3 else f'x{c}y ' for i, c in enumerate(known[at:at + 20])) + ' three four five' for at in range(0, len(known), 20)
]
json.dump(jobs[-1]['texts'], open(sys.argv[1] + '/characters.json', 'w'))
for at, job in enumerate(jobs):
    name, precision = job['hash'].split('-')
    config = MinhashConfig(hash_config=HashConfig(precision=int(precision), hash_fc=name))
    folder = f'{sys.argv[1]}/{at}'
    spacy = {'nn': 'nb', 'bs': 'sr'}.get(job['language'], job['language'])
    step = MinhashDedupSignature(folder + '/signatures', config, language='eng')
    step.word_tokenizer = SpaCyTokenizer(spacy)
    if name == 'xxhash':
        # From version 4 on the package takes bytes alone; before, it encoded strings as UTF-8, which datatrove 0.10 counts on.
        step._hash_func = lambda shingle, hash=step._hash_func: hash(shingle.encode())
    step.run((Document(text=text, id=str(i)) for i, text in enumerate(job['texts'])), 0, 1)
    for rank in range(14):
        MinhashDedupBuckets(folder + '/signatures', folder + '/pairs', config=config).run(None, rank, 14)
`

const languages = 'bg hr cs da nl en et fi fr de el hu ga it lv lt pl pt ro sk sl es sv nb nn is uk ca eu sr bs mk sq ru tr lb fo'.split(' ')
const hashes: readonly DatatroveBands['hash'][] = ['xxhash-64', 'xxhash-32', 'sha1-64', 'sha1-32']

function read(): { id: string; text: string }[] {
  return readFileSync(fileURLToPath(new URL('../../data-samples/documents.jsonl', import.meta.url)), 'utf8')
    .split('\n')
    .flatMap((line) => {
      // Some lines are damaged on purpose.
      try {
        const document = JSON.parse(line) as { id?: unknown; text?: unknown }
        return typeof document.id === 'string' && typeof document.text === 'string' && document.text.isWellFormed()
          ? [{ id: document.id, text: document.text }]
          : []
      } catch {
        return []
      }
    })
}

/** The sample documents, and of each a copy with some words changed, so that buckets are met and missed. */
function withCopies(texts: readonly string[]): string[] {
  return texts.flatMap((text, n) => [
    text,
    text
      .split(' ')
      .map((word, i) => (i % (89 + n) === 7 ? `${word}x` : word))
      .join(' ')
      .replace(/[^ß]+/g, (part) => part.toUpperCase()),
  ])
}

const documents = read()

/** The sample in a language; for those without any, the others' first ones: rules differ whatever the text. */
function textsIn(language: string): string[] {
  const own = documents.filter(({ id }) => id.startsWith(`udhr-${language}`))
  return (own.length > 0 ? own : documents.filter(({ id }) => id.startsWith('udhr-')).slice(0, 6)).map(({ text }) => text)
}

const jobs: { language: string; hash: DatatroveBands['hash']; texts: string[] }[] = [
  ...languages.map((language) => ({
    language,
    hash: 'xxhash-64' as const,
    texts: withCopies(textsIn(language)),
  })),
  ...hashes.map((hash) => ({ language: 'en', hash, texts: withCopies(documents.map(({ text }) => text)) })),
  {
    language: 'en',
    hash: 'xxhash-64',
    texts: ['', 'four words are few', 'now there are five words', 'same same same same same same same', 'Same same, SAME same same'],
  },
]

const folder = mkdtempSync(join(tmpdir(), 'quern-minhash-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'jobs.json'), JSON.stringify(jobs))
execFileSync(python, ['-c', peer, folder], { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28 })
jobs.at(-1)!.texts = JSON.parse(readFileSync(join(folder, 'characters.json'), 'utf8')) as string[]

/** The records of a bucket's file: eight values each and the number of the document, as the peer sorted them. */
function records(job: number, bucket: number, wide: boolean): { row: number; values: bigint[] }[] {
  const bytes = readFileSync(join(folder, String(job), 'signatures', `bucket_${String(bucket).padStart(3, '0')}`, '00000.minhash.sig'))
  const size = wide ? 68 : 36
  return Array.from({ length: bytes.length / size }, (_, at) => ({
    row: bytes.readUInt32LE(at * size + size - 4),
    values: Array.from({ length: 8 }, (_, i) => (wide ? bytes.readBigUInt64LE(at * size + i * 8) : BigInt(bytes.readUInt32LE(at * size + i * 4)))),
  }))
}

/** The pairs that the peer found: neighbours among the records of a bucket that are equal. */
function pairs(job: number): string[] {
  const found = readdirSync(join(folder, String(job), 'pairs')).flatMap((name) => {
    const bytes = readFileSync(join(folder, String(job), 'pairs', name))
    return Array.from(
      { length: bytes.length / 16 },
      (_, at) => `${parseInt(name)}: ${bytes.readUInt32LE(at * 16 + 4)} ${bytes.readUInt32LE(at * 16 + 12)}`,
    )
  })
  return found.sort()
}

describe('signatures and buckets are those of datatrove', () => {
  test.each(jobs.map(({ language, hash, texts }, job) => ({ job, language, hash, texts: texts.length })))(
    '$job: $language, $hash, $texts texts',
    ({ job }) => {
      const { language, hash, texts } = jobs[job]!
      const ours = datatroveMinima(textColumn(texts), { language, hash })
      const { bands, shingles } = sign(textColumn(texts), { language, hash })
      expect(shingles).toEqual(ours.shingles)
      const signed = [...texts.keys()].filter((row) => ours.shingles[row]! > 0)
      const found: string[] = []
      for (let bucket = 0; bucket < bandsPerRow; bucket++) {
        const theirs = records(job, bucket, hash.endsWith('64')).sort((left, right) => left.row - right.row)
        const mine = signed.map((row) => ({ row, values: [...ours.values.subarray(row * 112 + bucket * 8, row * 112 + bucket * 8 + 8)] }))
        expect(mine.filter((record, at) => String(record.values) !== String(theirs[at]?.values) || record.row !== theirs[at]?.row)).toEqual([])
        expect(theirs).toHaveLength(mine.length)
        const last = new Map<bigint, number>()
        for (const row of signed) {
          const key = bands[row * bandsPerRow + bucket]!
          if (last.has(key)) found.push(`${bucket}: ${last.get(key)} ${row}`)
          last.set(key, row)
        }
      }
      expect(found.sort()).toEqual(pairs(job))
      if (texts.length > 0) expect(found.length).toBeGreaterThan(0)
    },
  )
})
