import { expect, test } from 'vitest'
import { type Batch, emptyVerdict, rowText, textColumn, textOf } from '../../src/core/batch.ts'
import type { PrepareStage, StageResult } from '../../src/core/component.ts'
import { judge, type OpenStage, ruleName } from '../../src/mill/judge.ts'

function stage(name: string, facts: Partial<PrepareStage>, run: (batch: Batch) => StageResult): OpenStage {
  return { component: { name, reads: ['text'], writes: [], measures: {}, rules: {}, ...facts } as PrepareStage, run }
}

function longerThan(name: string, limit: number): OpenStage {
  return stage(name, { measures: { [`${name}_bytes`]: '' }, rules: { never: '', long: '' } }, (batch) => {
    const { offsets } = textOf(batch, 'text')
    const verdict = emptyVerdict(batch.rows)
    const bytes = Float64Array.from({ length: batch.rows }, (_, row) => offsets[row + 1]! - offsets[row]!)
    bytes.forEach((value, row) => {
      if (value <= limit) return
      verdict.rule[row] = 1
      verdict.measured[row] = value
      verdict.limit[row] = limit
    })
    return { measures: { [`${name}_bytes`]: bytes }, verdict }
  })
}

const batch: Batch = { rows: 3, columns: { text: textColumn(['a', 'bbbb', 'cccccccc']) } }

test('the first failing rule in stage order counts, and later stages measure every row', () => {
  const stages = [longerThan('lax', 5), longerThan('strict', 2)]
  const judgement = judge(batch, stages)
  expect([0, 1, 2].map((row) => ruleName(judgement, stages, row))).toEqual([undefined, 'strict/long', 'lax/long'])
  expect([...judgement.measured]).toEqual([NaN, 4, 8])
  expect([...judgement.limit]).toEqual([NaN, 2, 5])
  expect([...judgement.measures.get('strict_bytes')!]).toEqual([1, 4, 8])
  expect(judgement.verdicts.map((verdict) => [...verdict!.rule])).toEqual([
    [-1, -1, 1],
    [-1, 1, 1],
  ])
})

test('a stage sees what the one before it wrote', () => {
  const shout = stage('shout', { writes: ['text'] }, ({ rows, columns }) => {
    const text = columns['text']!
    return { columns: { text: textColumn(Array.from({ length: rows }, (_, row) => rowText(text as never, row).repeat(2))) } }
  })
  expect([...judge(batch, [shout, longerThan('strict', 2)]).measures.get('strict_bytes')!]).toEqual([2, 8, 16])
  expect(judge(batch, [longerThan('strict', 2), shout]).columns['text']).toEqual(textColumn(['aa', 'bbbbbbbb', 'cccccccccccccccc']))
})

test('a column that the source does not write is empty, one that nobody knows is a bug', () => {
  const seen: unknown[] = []
  const look = stage('look', { reads: ['payload', 'language'] }, ({ columns }) => {
    seen.push(columns['payload'], columns['language'])
    return {}
  })
  judge(batch, [look])
  expect(seen).toEqual([
    { type: 'binary', values: new Uint8Array(), offsets: new Int32Array(4) },
    { type: 'label', indices: Int32Array.of(-1, -1, -1), labels: [] },
  ])
  expect(() => judge(batch, [stage('lost', { reads: ['nowhere'] }, () => ({}))])).toThrow(/"nowhere" is missing/)
})

test('a stage that breaks its contract is stopped', () => {
  const short = stage('short', { measures: { m: '' } }, () => ({ measures: { m: new Float64Array(2) } }))
  expect(() => judge(batch, [short])).toThrow(/stage short gave 2 values of "m" for 3 rows/)
  expect(() => judge(batch, [stage('lost', {}, () => ({ columns: { text: textColumn(['a']) } }))])).toThrow(/1 rows of column "text"/)
  expect(() => judge(batch, [stage('lost', {}, () => ({ verdict: emptyVerdict(4) }))])).toThrow(/verdict of 4 rows/)
})

test('no rows are fine', () => {
  const judgement = judge({ rows: 0, columns: { text: textColumn([]) } }, [longerThan('strict', 2)])
  expect(judgement.stage).toHaveLength(0)
  expect(judgement.measures.get('strict_bytes')).toHaveLength(0)
})
