import { describe, expect, test } from 'vitest'
import { shippedLanguages, loadLanguages } from '../../src/config/language-files.ts'
import { fieldsOf } from '../../src/config/fields.ts'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import type { Batch } from '../../src/core/batch.ts'
import type { Context, Example, PrepareStage, Stage } from '../../src/core/component.ts'
import { documentColumns } from '../../src/core/document.ts'
import { judge, type Judgement, type OpenStage, ruleName } from '../../src/mill/judge.ts'
import { rejudging } from '../../src/mill/rejudge.ts'
import { registry } from '../../src/mill/registry.ts'
import { batchOf, digest, hostileRows, rowsOf, slice } from './rows.ts'

/** Every component of the registry goes through this; what is special to one is tested beside it. */

const stages = Object.values(registry.stages)
const all = [...Object.entries(registry.sources), ...Object.entries(registry.stages)]
const languages = await loadLanguages([shippedLanguages], Object.keys(registry.stages), [])

/** Options that are files have no default that could be opened here; such a stage has a test of its own. */
const context: Context = {
  file: (path) => (path.startsWith('package:') ? path.replace('package:', `${process.cwd()}/node_modules/`) : path),
  language: (code) => languages.get(code),
  languages: [...languages.keys()],
}

async function opened(component: PrepareStage, config: unknown = {}): Promise<OpenStage> {
  return { component, run: await component.open(component.config.parse(config), context) }
}

/** Rules that no example can show, each with the reason. */
const unshown: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'extract-html': { crashed: 'a bug of the kernel: an example that shows it would be mended instead' },
}

test('there are components', () => {
  expect(all.length).toBeGreaterThan(0)
})

test('a measure of several stages is the same one', () => {
  const meanings = new Map<string, string>()
  for (const [measure, says] of stages.flatMap((stage) => Object.entries(stage.measures))) {
    expect(says, measure).toBe(meanings.get(measure) ?? says)
    meanings.set(measure, says)
  }
})

describe.each(all)('%s', (name, component) => {
  test('is named and described', () => {
    expect(component.name).toBe(name)
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/)
    expect(component.summary).toMatch(/^[A-Z].*\.$/)
    expect(component.version).toBeGreaterThan(0)
    for (const field of fieldsOf(component.config)) expect(field.says, `option ${field.name} has no description`).not.toBe('')
    for (const [rule, says] of Object.entries(component.rules)) {
      expect(rule).toMatch(component.kind === 'source' ? /^[a-z0-9-]+\/[a-z0-9-]+$/ : /^[a-z0-9-]+$/)
      expect(says, `rule ${rule} has no sentence`).not.toBe('')
    }
  })

  test('refuses unknown options', () => {
    const result = component.config.safeParse({ 'no-such-option': 1 })
    expect(result.error?.issues.map(({ code }) => code)).toContain('unrecognized_keys')
  })

  test('has a config that can be hashed', () => {
    const result = component.config.safeParse({})
    // One that needs an option has no default to hash.
    expect(() => canonicalJson(result.success ? result.data : {})).not.toThrow()
  })

  if (component.kind === 'source') return

  test('names documents and measures as everybody does', () => {
    for (const column of component.reads) expect(documentColumns, `nothing documents the column ${column}`).toContain(column)
    for (const [measure, says] of Object.entries(component.measures)) {
      expect(measure).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(says, `measure ${measure} has no description`).not.toBe('')
    }
  })

  if (component.phase === 'prepare') prepareStage(component)
})

function prepareStage(component: PrepareStage): void {
  const { examples, rules } = component

  test('every rule has an example that it drops, and one example is kept', () => {
    expect(examples.length).toBeGreaterThan(0)
    expect(Object.keys(rules).filter((rule) => !examples.some(({ drops }) => drops === rule))).toEqual(Object.keys(unshown[component.name] ?? {}))
    expect(examples.some(({ drops }) => drops === undefined)).toBe(true)
  })

  test.each(examples.map((example, i) => [i, example] as const))('example %i does what it says', async (_, example: Example<unknown>) => {
    const stage = await opened(component, example.config)
    const judgement = judge(batchOf([example]), [stage])
    expect(ruleName(judgement, [stage], 0)).toBe(example.drops === undefined ? undefined : `${component.name}/${example.drops}`)
    if (example.drops !== undefined && Number.isFinite(judgement.limit[0])) expect(judgement.measured[0]).not.toBe(judgement.limit[0])
    if (example.gives !== undefined) expect(rowsOf(judgement, 'text')).toEqual([example.gives])
  })

  test('measures what it declares, for every row, and drops by rules that it has', async () => {
    const judgement = judge(batchOf(hostileRows), [await opened(component)])
    expect([...judgement.measures.keys()]).toEqual(Object.keys(component.measures))
    for (const [name, values] of judgement.measures) {
      expect(values.length, name).toBe(hostileRows.length)
      for (const value of values) expect(Math.abs(value), `${name} is infinite`).not.toBe(Infinity)
    }
    for (const rule of judgement.rule) expect(rule).toBeLessThan(Object.keys(rules).length)
    for (const column of component.writes) expect(Object.keys(judgement.columns)).toContain(column)
  })

  test('takes a batch of no rows', async () => {
    const judgement = judge(batchOf([]), [await opened(component)])
    expect(judgement.stage.length).toBe(0)
  })

  test('says the same of a row whatever stands beside it', async () => {
    const stage = await opened(component)
    const batch = batchOf([...examples, ...hostileRows])
    const whole = rowFacts(judge(batch, [stage]), batch, component)
    for (const size of [1, 3, 7]) {
      const parts: string[] = []
      for (let start = 0; start < batch.rows; start += size) {
        const part = slice(batch, start, Math.min(batch.rows, start + size))
        parts.push(...rowFacts(judge(part, [stage]), part, component))
      }
      expect(parts).toEqual(whole)
    }
  })

  test('leaves the batch that it was given as it was', async () => {
    const batch = batchOf([...examples, ...hostileRows])
    const before = digest(batch)
    judge(batch, [await opened(component)])
    expect(digest(batch)).toBe(before)
  })
}

const limited = stages.flatMap((stage) => (stage.phase === 'prepare' && stage.limits !== undefined ? [[stage.name, stage] as const] : []))

test.each(limited)('%s says the same from its measures alone', async (_, component) => {
  const { examples } = component
  for (const options of [{}, ...examples.flatMap(({ config }) => config ?? [])]) {
    const batch = batchOf([...examples, ...hostileRows])
    const judgement = judge(batch, [await opened(component, options)])
    const { language, script } = judgement.columns
    const labels = { rows: batch.rows, columns: { ...(language && { language }), ...(script && { script }) } }
    const again = rejudging(component, component.config.parse(options), context)?.(labels, Object.fromEntries(judgement.measures))
    expect(again?.rule).toEqual(judgement.rule)
    expect(again?.measured).toEqual(judgement.measured)
    expect(again?.limit).toEqual(judgement.limit)
  }
})

test('a limit is written where its stage says, or cannot be set as a number', () => {
  for (const [name, { config, limits }] of limited)
    for (const rule of Object.values(limits?.rules ?? {})) {
      const limit = 'below' in rule ? rule.below : rule.above
      const option = limits?.place === undefined ? [limit] : limits.place(limit, '').option
      if (option !== null)
        expect(
          fieldsOf(config).map((field) => field.name),
          `${name}: ${limit}`,
        ).toContain(option[0])
    }
})

/** All that is said of each row, as text that can be compared. */
function rowFacts(judgement: Judgement, batch: Batch, component: Stage): readonly string[] {
  const columns = component.writes.map((name) => rowsOf(judgement, name))
  return Array.from({ length: batch.rows }, (_, row) =>
    JSON.stringify([
      judgement.stage[row],
      judgement.rule[row],
      String(judgement.measured[row]),
      String(judgement.limit[row]),
      [...judgement.measures.values()].map((values) => String(values[row])),
      columns.map((column) => column[row]),
    ]),
  )
}
