import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSnapshot, type Snapshot } from '../../src/dataset/snapshot.ts'
import { registry } from '../../src/mill/registry.ts'
import { type Fates, readFates } from '../../src/audit/fates.ts'
import { judgeAgain } from '../../src/audit/judge-again.ts'
import { changedRules, type LimitChange, readMeasure, replay } from '../../src/audit/replay.ts'
import { openRules, rulesOf, type RulesInForce } from '../../src/audit/rules-in-force.ts'
import { openStore, type Store } from '../../src/storage/store.ts'
import { quernJson, root, type RunSummary, scratch } from '../quern.ts'

const stages = ['language', 'mixed-language', 'gopher-repetition', 'gopher-quality', 'fineweb', 'web-docs-score'] as const

/** A pipeline over real pages in 24 languages, with options of stages and settings of language files put over the shipped ones. */
function pipeline(folder: string, name: string, options: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): string {
  const languages = join(folder, `${name}-languages`)
  mkdirSync(languages)
  for (const [code, filters] of Object.entries(files)) writeFileSync(join(languages, `${code}.yaml`), `language: ${code}\nfilters: { ${filters} }\n`)
  const path = join(folder, `${name}.yaml`)
  const lines = [
    `name: ${name}`,
    `languages: ${languages}`,
    'sources:',
    `  - { use: warc, name: udhr, licence: mixed, paths: ['${root}/data-samples/udhr.warc.gz'] }`,
    `  - { use: warc, name: hard-cases, licence: mixed, paths: ['${root}/data-samples/hard-cases.warc.gz'] }`,
    'stages:',
    '  - { use: extract-html }',
    ...stages.map((use) => `  - { use: ${use}${options[use] === undefined ? '' : `, ${options[use]}`} }`),
    '  - { use: exact-duplicates }',
    `  - { use: tokenize, tokenizer: ${root}/data-samples/tokenizer.json }`,
    'output: { dataset: out }',
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

interface Opened {
  readonly store: Store
  readonly snapshot: Snapshot
  readonly fates: Fates
  readonly rules: RulesInForce
  readonly measure: (name: string) => Promise<Float64Array>
}

async function open(dataset: string): Promise<Opened> {
  const store = await openStore(dataset)
  const { snapshot } = await readSnapshot(store)
  const rules = openRules(await rulesOf(store, snapshot), registry)
  return { store, snapshot, rules, fates: await readFates(store, snapshot, rules), measure: (name) => readMeasure(store, snapshot, name) }
}

const passes = ({ outcome }: Fates): number[] => Array.from(outcome, (fate) => (fate === 0 ? 0 : 1))

/** Where a limit is changed for a run, and what the page would be asked. */
const changes: readonly { options?: Record<string, string>; files?: Record<string, string>; change: LimitChange }[] = [
  ...(
    [
      ['gopher-quality', 'min-words', 'too-few-words', [10, 120, 400]],
      ['gopher-quality', 'max-words', 'too-many-words', [1000]],
      ['gopher-quality', 'min-mean-word-length', 'words-too-short', [5.5]],
      ['gopher-quality', 'max-mean-word-length', 'words-too-long', [6]],
      ['gopher-quality', 'min-stop-words', 'too-few-stop-words', [0, 4]],
      ['gopher-quality', 'min-alphabetic-words', 'too-few-alphabetic-words', [0.95]],
      ['gopher-repetition', 'max-top-2-gram', 'top-2-gram', [0.01, 0.9]],
      ['fineweb', 'min-punctuated-lines', 'too-few-punctuated-lines', [0, 0.9]],
      ['fineweb', 'max-short-lines', 'too-many-short-lines', [1, 0.05]],
      ['mixed-language', 'min-language-share', 'too-mixed', [0.99]],
      ['web-docs-score', 'min-score', 'low-score', [0.9]],
    ] as const
  ).flatMap(([stage, option, rule, values]) =>
    values.map((value) => ({ options: { [stage]: `${option}: ${value}` }, change: { rule: `${stage}/${rule}`, language: null, value } })),
  ),
  { options: { language: 'limits: { de: 0.999 }' }, change: { rule: 'language/low-score', language: 'de', value: 0.999 } },
  { files: { mt: 'gopher-quality: { min-words: 5000 }' }, change: { rule: 'gopher-quality/too-few-words', language: 'mt', value: 5000 } },
  { files: { fr: 'fineweb: { max-line-breaks: 0 }' }, change: { rule: 'fineweb/too-many-line-breaks', language: 'fr', value: 0 } },
]

test('what a changed limit is said to do is what it does, document by document', { timeout: 600_000 }, async () => {
  expect(changes.length).toBeGreaterThanOrEqual(20)
  const folder = scratch()
  const run = (name: string, options: Record<string, string>, files: Record<string, string>) =>
    quernJson<RunSummary>(['run', pipeline(folder, name, options, files), '--out', join(folder, name)])
  run('base', {}, {})
  const base = await open(join(folder, 'base'))
  expect(base.fates.earlier).toBe(0)
  let moved = 0
  for (const [i, { options = {}, files = {}, change }] of changes.entries()) {
    run(`changed-${i}`, options, files)
    const actual = await open(join(folder, `changed-${i}`))
    const predicted = passes(base.fates)
    const answer = replay(base.fates, await changedRules(base.fates, base.rules, [change], base.measure), (row, way) => {
      predicted[row]! += way
    })
    expect(predicted, JSON.stringify(change)).toEqual(passes(actual.fates))
    const before = passes(base.fates)
    expect(answer.enter, JSON.stringify(change)).toBe(predicted.filter((now, row) => now > before[row]!).length)
    expect(answer.leave).toBe(predicted.filter((now, row) => now < before[row]!).length)
    moved += answer.enter + answer.leave
    // What the page says of two pipelines: the measures of one run under the rules of the other are the other run's verdicts.
    const again = await judgeAgain(base.fates, base.rules, actual.rules, base.measure)
    const whole = await readFates(base.store, base.snapshot, actual.rules)
    expect(Buffer.from(again.broken.buffer).equals(Buffer.from(whole.broken.buffer)), JSON.stringify(change)).toBe(true)
    expect(Buffer.from(again.broken.buffer).equals(Buffer.from(actual.fates.broken.buffer)), JSON.stringify(change)).toBe(true)
  }
  expect(moved).toBeGreaterThan(200)
})
