import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as z from 'zod'
import { closest } from '../core/closest.ts'
import type { PipelineStage, PipelineTest } from '../core/pipeline.ts'
import { checkValue, mistakeAt } from './issues.ts'
import type { Loading } from './pipeline-parts.ts'
import { testSchema } from './pipeline-schema.ts'

/** The `tests:` of a pipeline; `stages` is undefined when the stages have mistakes of their own, and rules cannot be checked. */
export async function readTests(
  { file, folder, root, mistakes }: Loading,
  stages: readonly PipelineStage[] | undefined,
): Promise<readonly PipelineTest[]> {
  const written = root['tests']
  if (!Array.isArray(written)) {
    if (written !== undefined) checkValue(file, ['tests'], written, z.array(testSchema), mistakes)
    return []
  }
  const read = written.map(async (item: unknown, i): Promise<PipelineTest | undefined> => {
    const at = ['tests', i]
    const test = checkValue(file, at, item, testSchema, mistakes)
    if (test === undefined) return undefined
    const given = resolve(folder, test.given)
    if (!((await stat(given).catch(() => undefined))?.isFile() ?? false))
      mistakes.push(
        mistakeAt(file, [...at, 'given'], `${at.join('.')}.given: there is no file ${given}`, {
          code: 'missing-file',
          remedy: 'Check the path; it is relative to the pipeline file.',
        }),
      )
    if (/\.html?$/i.test(given) && stages?.every(({ component }) => component.group !== 'extract') === true)
      mistakes.push(
        mistakeAt(file, [...at, 'given'], `${at.join('.')}.given: a page is given, and no stage of this pipeline takes text out of pages`, {
          code: 'bad-pipeline',
          remedy: 'Give a .txt file, or put extract-html among the stages.',
        }),
      )
    const droppedBy = test['dropped-by']
    if (droppedBy !== undefined && test.kept === true)
      mistakes.push(
        mistakeAt(file, [...at, 'kept'], `${at.join('.')}: "kept" and "dropped-by" contradict each other`, {
          key: true,
          remedy: 'Remove one of them.',
        }),
      )
    const wrong = droppedBy === undefined || stages === undefined ? undefined : unknownRule(droppedBy, stages)
    if (wrong !== undefined)
      mistakes.push(mistakeAt(file, [...at, 'dropped-by'], `${at.join('.')}.dropped-by: ${wrong.message}`, { remedy: wrong.remedy }))
    return { name: test.name, given, language: test.language, droppedBy, place: file.place(at) }
  })
  return (await Promise.all(read)).filter((test) => test !== undefined)
}

function unknownRule(droppedBy: string, stages: readonly PipelineStage[]): { message: string; remedy: string } | undefined {
  const rules = stages.flatMap(({ component }) =>
    component.phase === 'prepare' ? Object.keys(component.rules).map((rule) => `${component.name}/${rule}`) : [],
  )
  if (rules.includes(droppedBy)) return undefined
  const stage = stages.find(({ component }) => component.name === droppedBy.split('/')[0])?.component
  if (stage?.phase === 'sequence')
    return {
      message: `${stage.name} compares documents with each other, and a test gives one alone`,
      remedy: 'Test a stage that judges a document alone.',
    }
  const meant = closest(droppedBy, rules)
  const own = rules.filter((rule) => rule.startsWith(`${stage?.name}/`))
  return {
    message: `no stage of this pipeline has the rule "${droppedBy}"`,
    remedy:
      meant !== undefined
        ? `Did you mean "${meant}"?`
        : own.length > 0
          ? `There are: ${own.join(', ')}.`
          : 'Write it as stage/rule, with a stage of this pipeline.',
  }
}
