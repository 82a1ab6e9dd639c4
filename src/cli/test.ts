import { readFile } from 'node:fs/promises'
import { loadPipeline } from '../config/pipeline-file.ts'
import { type Batch, type Columns, textColumn } from '../core/batch.ts'
import { emptyColumn } from '../core/document.ts'
import type { PipelineTest } from '../core/pipeline.ts'
import { judge, type OpenStage, openStages, ruleName } from '../mill/judge.ts'
import { registry } from '../mill/registry.ts'
import type { Command } from './command.ts'

interface Outcome {
  readonly pipeline: string
  readonly name: string
  readonly ok: boolean
  /** The rule, or null for kept. */
  readonly expected: string | null
  readonly got: string | null
  readonly measured: number | null
  readonly limit: number | null
}

const command: Command = {
  name: 'test',
  summary: 'Runs the tests that pipeline files hold.',
  args: [{ name: 'pipeline', summary: 'YAML files with tests.', required: true, many: true }],
  options: [{ flags: '--json', summary: 'Prints one JSON object.' }],
  async run({ args }, terminal) {
    const outcomes: Outcome[] = []
    for (const file of args) {
      const pipeline = await loadPipeline(file, registry, { checkOutput: false })
      if (pipeline.tests.length === 0) terminal.note(`${file} holds no tests`)
      if (pipeline.tests.length === 0) continue
      const stages = await openStages(pipeline)
      for (const test of pipeline.tests) {
        const outcome = await runTest(pipeline.name, test, stages)
        outcomes.push(outcome)
        terminal.print(line(outcome))
      }
    }
    const failed = outcomes.filter(({ ok }) => !ok).length
    terminal.print(`${outcomes.length - failed} passed, ${failed} failed`)
    terminal.json({ passed: outcomes.length - failed, failed, tests: outcomes })
    return failed === 0 ? 0 : 3
  },
}
export default command

/** A page enters before extraction, as a source would bring it; text enters behind it. A given language is not detected. */
async function runTest(pipeline: string, test: PipelineTest, opened: readonly OpenStage[]): Promise<Outcome> {
  const bytes = await readFile(test.given)
  const page = /\.html?$/i.test(test.given)
  const stages = opened.filter(
    ({ component }) => (page || component.group !== 'extract') && (test.language === undefined || component.group !== 'language'),
  )
  const judgement = judge(batchOf(bytes, page, test.language), stages)
  const got = ruleName(judgement, stages, 0) ?? null
  const expected = test.droppedBy ?? null
  const number = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)
  return {
    pipeline,
    name: test.name,
    ok: got === expected,
    expected,
    got,
    measured: number(judgement.measured[0]),
    limit: number(judgement.limit[0]),
  }
}

function batchOf(bytes: Uint8Array, page: boolean, language: string | undefined): Batch {
  const content = { values: bytes, offsets: Int32Array.of(0, bytes.byteLength) }
  const columns: Columns = {
    offset: { type: 'number', values: Float64Array.of(0) },
    length: { type: 'number', values: Float64Array.of(bytes.byteLength) },
    url: emptyColumn('url', 1),
    date: emptyColumn('date', 1),
    ...(page
      ? { payload: { type: 'binary', ...content }, content_type: textColumn(['text/html']), text: emptyColumn('text', 1) }
      : // A text file is decoded and encoded again, so that bytes that are no UTF-8 become U+FFFD like everywhere else.
        { text: textColumn([new TextDecoder().decode(bytes)]) }),
    ...(language === undefined ? {} : { language: { type: 'label', indices: Int32Array.of(0), labels: [language] } }),
  }
  return { rows: 1, columns }
}

function line({ name, ok, expected, got, measured, limit }: Outcome): string {
  const what =
    got === null
      ? 'kept'
      : `dropped by ${got}${measured === null ? '' : `: measured ${round(measured)}${limit === null ? '' : `, limit ${round(limit)}`}`}`
  return `${ok ? 'ok    ' : 'FAILED'} ${name}: ${what}${ok ? '' : `; expected ${expected === null ? 'kept' : `dropped by ${expected}`}`}`
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)))
}
