import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { quern, quernJson, root, type RunSummary, scratch } from '../quern.ts'

interface Move {
  readonly from: string
  readonly to: string
  readonly language: string
  readonly documents: number
  readonly tokens: number
  readonly samples: readonly { readonly document: string; readonly url: string }[]
}

interface Difference {
  readonly read: readonly [number, number]
  readonly kept: readonly [number, number]
  readonly tokens: readonly [number, number]
  readonly rules: Readonly<Record<string, readonly [number, number]>>
  readonly languages: Readonly<Record<string, { readonly kept: readonly [number, number] }>>
  readonly moves: readonly Move[]
  readonly allMoves: number
}

function pipeline(folder: string, name: string, archives: readonly string[], quality = '', extra = ''): string {
  const path = join(folder, `${name}.yaml`)
  const sources = archives.map((archive) => `  - { use: warc, name: ${archive}, licence: mixed, paths: ['${root}/data-samples/${archive}.warc.gz'] }`)
  writeFileSync(
    path,
    [
      'name: nightly',
      'sources:',
      ...sources,
      'stages:',
      '  - use: extract-html',
      '  - use: language',
      extra,
      `  - { use: gopher-quality${quality} }`,
      '  - use: exact-duplicates',
    ]
      .concat(`  - { use: tokenize, tokenizer: ${root}/data-samples/tokenizer.json }`, 'output: { dataset: out }', '')
      .filter((line) => line !== '')
      .join('\n'),
  )
  return path
}

describe('diff', () => {
  test('a night that adds, a rebuild that judges otherwise, and what a pipeline would do', { timeout: 120_000 }, () => {
    const folder = scratch()
    const out = join(folder, 'out')
    const strict = pipeline(folder, 'strict', ['udhr', 'hard-cases'], ', min-words: 900')
    quernJson<RunSummary>(['run', pipeline(folder, 'one', ['hard-cases']), '--out', out])
    const two = quernJson<RunSummary>(['run', pipeline(folder, 'two', ['udhr', 'hard-cases']), '--out', out])
    quernJson<RunSummary>(['run', strict, '--out', out, '--rebuild'])

    const night = quernJson<Difference>(['diff', out, '1', '2', '--top', '1000'])
    expect(
      night.moves.every(({ from, to, documents, samples }) => from === 'absent' && to !== 'absent' && samples.length === Math.min(2, documents)),
    ).toBe(true)
    expect(night.moves.reduce((sum, { documents }) => sum + documents, 0)).toBe(two.read)
    expect(night.moves.reduce((sum, { to, tokens }) => sum + (to === 'kept' ? tokens : 0), 0)).toBe(two.tokens)
    expect(night.read[1] - night.read[0]).toBe(two.read)

    const rebuilt = quernJson<Difference>(['diff', out, '2', '3', '--top', '1000'])
    expect(rebuilt.read[1]).toBe(rebuilt.read[0])
    const leaving = rebuilt.moves.filter(({ from, to }) => from === 'kept' && to === 'gopher-quality/too-few-words')
    expect(leaving.length).toBeGreaterThan(3)
    expect(leaving.reduce((sum, { documents }) => sum + documents, 0)).toBe(rebuilt.kept[0] - rebuilt.kept[1])
    expect(
      quernJson<Difference>(['diff', out, '3', '2', '--top', '1000'])
        .moves.map(({ from, to }) => `${to} ${from}`)
        .toSorted(),
    ).toEqual(rebuilt.moves.map(({ from, to }) => `${from} ${to}`).toSorted())
    expect(quern(['diff', out, '2', '2']).out).toContain('No document moved.')
    const told = quern(['diff', out, '2', '3'])
    expect(told.out).toMatch(/kept → gopher-quality\/too-few-words \([a-z]{2}, udhr\)/)
    expect(told.out).toContain(leaving[0]!.samples[0]!.url)

    const said = quernJson<Difference & { exact: boolean; needsText: readonly string[] }>(['diff', out, '2', strict, '--top', '1000'])
    expect(said).toMatchObject({ exact: true, needsText: [] })
    const predicted = said.moves.filter(({ from }) => from === 'passes')
    expect(predicted.every(({ to }) => to === 'gopher-quality/too-few-words')).toBe(true)
    const left = (of: readonly Move[]) => {
      const counts = new Map<string, number>()
      for (const { language, documents } of of) counts.set(language, (counts.get(language) ?? 0) + documents)
      return [...counts].map(([language, documents]) => `${language} ${documents}`).toSorted()
    }
    const duplicates = rebuilt.moves.filter(({ from, to }) => from === 'exact-duplicates/copy' && to === 'gopher-quality/too-few-words')
    expect(left(predicted)).toEqual(left([...leaving, ...duplicates]))

    const other = pipeline(folder, 'other', ['udhr'], ', stop-words: [the]', '  - { use: line-rules, longest-line: 9 }')
    const unsure = quernJson<{ exact: boolean; needsText: readonly string[] }>(['diff', out, '2', other])
    expect(unsure.exact).toBe(false)
    expect(unsure.needsText).toEqual(['line-rules: the ledger was made without it', 'gopher-quality: stop-words is no limit'])
    expect(quern(['diff', out, '2', other]).out).toContain('Not known without the text')
  })

  test('says what is missing', () => {
    const folder = scratch()
    const out = join(folder, 'out')
    quernJson<RunSummary>(['run', pipeline(folder, 'one', ['hard-cases']), '--out', out])
    expect(quern(['diff', out, '1', '9'])).toMatchObject({ status: 1 })
    expect(quern(['diff', out, '1', 'nowhere.yaml']).err).toContain('nowhere.yaml')
    expect(quern(['diff', out, '1'])).toMatchObject({ status: 2 })
  })
})
