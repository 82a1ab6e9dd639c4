import type { Stage } from '../core/component.ts'
import type { QuernError } from '../core/errors.ts'
import type { PipelineSource, PipelineStage } from '../core/pipeline.ts'
import { mistakeAt } from './issues.ts'
import { checkRedactionTokens } from './redaction-tokens.ts'
import type { ConfigFile } from './settings.ts'
import { checkShingles } from './shingles.ts'
import { checkSurvivorMeasure } from './survivor-measure.ts'

type Named = Pick<PipelineStage, 'component'>
type Configured = Pick<PipelineStage, 'component' | 'config'>

/** Checks that well-formed stages work in the order written; every mistake is added. `stages[i]` is `stages.i` of the file. */
export function checkOrder(
  file: ConfigFile,
  sources: readonly Pick<PipelineSource, 'component'>[],
  stages: readonly Configured[],
  mistakes: QuernError[],
): void {
  const wrong = (index: number, message: string, remedy: string, ...option: string[]) =>
    mistakes.push(mistakeAt(file, ['stages', index, ...option], message, { code: 'bad-pipeline', remedy }))
  checkPhases(stages, wrong)
  checkColumns(sources, stages, wrong)
  checkGroups(stages, wrong)
  checkNames(stages, wrong)
  checkCutters(stages, wrong)
  checkRedactionTokens(stages, wrong)
  checkSurvivorMeasure(stages, wrong)
  checkShingles(sources, stages, wrong)
}

type Wrong = (index: number, message: string, remedy: string) => void

/** Documents are judged one by one, then compared with each other in order, then pressed into shards. */
function checkPhases(stages: readonly Named[], wrong: Wrong): void {
  const tokenizers = stages.flatMap(({ component }, i) => (component.phase === 'press' ? [i] : []))
  if (tokenizers.length === 0) wrong(stages.length - 1, 'no stage makes tokens, and a shard holds tokens', 'End the stages with "- use: tokenize".')
  for (const index of tokenizers.slice(1))
    wrong(
      index,
      `${stages[index]!.component.name}: a pipeline has one tokenizer, this is the second`,
      'Remove it, or make a second pipeline with a dataset of its own.',
    )
  if (tokenizers[0] !== undefined && tokenizers[0] !== stages.length - 1 && tokenizers.length === 1)
    wrong(
      tokenizers[0],
      `${stages[tokenizers[0]]!.component.name} must be the last stage: nothing is judged or changed once text is tokens`,
      'Move it to the end.',
    )
  let compares: string | undefined
  for (const [i, { component }] of stages.entries()) {
    if (component.phase === 'sequence') compares ??= component.name
    else if (component.phase === 'prepare' && compares !== undefined)
      wrong(
        i,
        component.writes.includes('text')
          ? `${component.name} changes the text after ${compares} has compared it`
          : `${component.name} judges documents after ${compares} has compared them, so a document could go as the duplicate of one that goes too`,
        `Move ${component.name} above ${compares}.`,
      )
  }
}

function checkColumns(sources: readonly Pick<PipelineSource, 'component'>[], stages: readonly Named[], wrong: Wrong): void {
  const written = new Map<string, string>()
  for (const { component } of sources) for (const column of component.writes) written.set(column, component.name)
  for (const [i, { component }] of stages.entries()) {
    for (const column of component.reads) {
      // An extractor passes on text that some sources already bring, and makes it for the others.
      if (written.has(column) || (component.group === 'extract' && component.writes.includes(column))) continue
      written.set(column, component.name) // told once
      const later = stages.find((stage, j) => j !== i && stage.component.writes.includes(column))?.component.name
      wrong(
        i,
        `${component.name} reads the column "${column}", which no source and no stage above it writes`,
        later !== undefined
          ? `Move ${later}, which writes it, above ${component.name}.`
          : `${column === 'text' ? 'Put extract-html above it' : column === 'language' ? 'Put the language stage above it' : 'Put a stage that writes it above'}, or remove ${component.name}.`,
      )
    }
    for (const column of component.writes) written.set(column, component.name)
  }
}

/** What a stage of the first group makes better or tells, one of the second uses where it is there: order is not left to luck. */
const groupsBefore = [
  ['extract', 'language', 'its language is told by its text'],
  ['extract', 'filters', 'filters judge text'],
  ['extract', 'redact', 'redaction masks text'],
  ['language', 'filters', 'limits and word lists are those of the language'],
  ['language', 'redact', 'context words are those of the language'],
] as const

function checkGroups(stages: readonly Named[], wrong: Wrong): void {
  for (const [i, { component }] of stages.entries()) {
    for (const [first, second, why] of groupsBefore) {
      // A filter of addresses asks for neither text nor language: the sooner it stands the better.
      if (component.group !== second || (second === 'filters' && !component.reads.includes('text'))) continue
      // Of the language group only what names the language comes first; what uses its model may stand among filters.
      const comesFirst = ({ group, writes }: Stage) => group === first && (first !== 'language' || writes.includes('language'))
      const late = stages.slice(i + 1).find((stage) => comesFirst(stage.component))?.component
      // A column that only the late stage writes was told as such.
      if (late === undefined || component.reads.some((column) => late.writes.includes(column))) continue
      wrong(i, `${component.name} stands above ${late.name}: ${why}`, `Move ${late.name} above ${component.name}.`)
    }
  }
}

/** Two stages that cut the same text would each have to know what the other leaves. */
function checkCutters(stages: readonly Named[], wrong: Wrong): void {
  const cutters = stages.flatMap(({ component }, i) =>
    /^(duplicate-(lines|paragraphs)|repeated-substrings)$/.test(component.name) ? [[i, component.name] as const] : [],
  )
  const [first, second] = cutters
  if (first !== undefined && second !== undefined && first[1] !== second[1])
    wrong(
      second[0],
      `${second[1]} and ${first[1]} both cut what is repeated, and a pipeline has one such stage`,
      `Remove ${first[1]} or ${second[1]}.`,
    )
}

/** The ledger knows a stage by its name and a measure by its name: each can stand once. */
function checkNames(stages: readonly Named[], wrong: Wrong): void {
  const names = new Set<string>()
  const measures = new Map<string, string>()
  for (const [i, { component }] of stages.entries()) {
    if (component.phase === 'press') continue // a second one was told as such
    if (names.has(component.name)) {
      wrong(i, `${component.name} stands twice: the ledger could not say which of them dropped a document`, 'Remove one of them.')
      continue
    }
    names.add(component.name)
    for (const measure of Object.keys(component.measures)) {
      const other = measures.get(measure)
      if (other !== undefined)
        wrong(i, `${component.name} and ${other} both measure "${measure}", and the ledger has one column for it`, 'Use one of the two.')
      measures.set(measure, component.name)
    }
  }
}
