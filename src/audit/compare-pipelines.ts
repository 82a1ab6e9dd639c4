import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { loadPipeline } from '../config/pipeline-file.ts'
import { QuernError } from '../core/errors.ts'
import type { RulesJson } from '../mill/keys.ts'
import { registry } from '../mill/registry.ts'
import type { Audited } from './audited.ts'
import { compareVerdicts, needsText, type VerdictMove, verdictOf } from './compare-rules.ts'
import type { Fates } from './fates.ts'
import { firstRows } from './first-rows.ts'
import { judgeAgain } from './judge-again.ts'
import { rowsOfLedger } from './ledger-rows.ts'
import { openRules, type RulesInForce } from './rules-in-force.ts'

/** What two sets of rules say of the documents of one snapshot, before deduplication. */
export interface PipelineDifference {
  /** Documents that only the second lets pass, only the first, and those that both drop by different rules. */
  readonly enter: number
  readonly leave: number
  readonly otherwise: number
  /** Why some of it is not known without the text: sentences, empty when all of it is exact. */
  readonly needsText: readonly string[]
  /** Most documents first. */
  readonly moves: readonly VerdictMove[]
}

export interface PipelineComparison {
  readonly difference: PipelineDifference
  /** Some documents of a move, spread over the whole ledger, the same ones each time. */
  sample(move: Pick<VerdictMove, 'from' | 'to' | 'language'>, count: number): Promise<readonly PassedDocument[]>
}

export interface PassedDocument {
  readonly document: string
  readonly url: string | null
}

/** Rules of a pipeline file, as they would judge a snapshot. */
export async function pipelineRules(file: string): Promise<RulesInForce> {
  const pipeline = await loadPipeline(file, registry, { checkOutput: false })
  return openRules(pipeline.rules as RulesJson, registry, dirname(pipeline.file))
}

/** Judges the rows of a snapshot by two sets of rules, from what the ledger says of them. */
export async function comparePipelines(audited: Audited, before: RulesInForce, after: RulesInForce): Promise<PipelineComparison> {
  const made = await audited.fates()
  const judged = async (rules: RulesInForce): Promise<Fates> =>
    rules === audited.rules ? made : judgeAgain(made, audited.rules, rules, (name) => audited.measure(name))
  const [was, is] = [await judged(before), await judged(after)]
  const moves = compareVerdicts(was, is)
  const sum = (keep: (move: VerdictMove) => boolean) => moves.filter(keep).reduce((total, { documents }) => total + documents, 0)
  return {
    difference: {
      enter: sum(({ to }) => to === 'passes'),
      leave: sum(({ from }) => from === 'passes'),
      otherwise: sum(({ from, to }) => from !== 'passes' && to !== 'passes'),
      needsText: [...new Set([...needsText(audited.rules, before), ...needsText(audited.rules, after)])],
      moves,
    },
    async sample({ from, to, language }, count) {
      const of = made.languages.indexOf(language)
      const first = firstRows(count)
      for (let row = 0; row < made.rows; row++) {
        if (made.language[row] !== of || made.elsewhere[row] === 1 || verdictOf(was, row) !== from || verdictOf(is, row) !== to) continue
        first.add(row, 0, Math.imul(row + 1, 0x9e3779b1) >>> 0)
      }
      const { ids, texts } = await rowsOfLedger(audited.store, await audited.documents(), first.rows(), { texts: ['url'] })
      return ids.map((document, i) => ({ document, url: texts['url']![i]! }))
    },
  }
}

const PipelineFile = z.looseObject({ stages: z.unknown(), sources: z.unknown() })

/** Pipeline files in the folder of one: no other file of the machine is read for the page. */
export async function pipelinesBeside(file: string): Promise<readonly string[]> {
  const { parse } = await import('yaml')
  const names = (await readdir(dirname(file))).filter((name) => /\.ya?ml$/.test(name)).toSorted()
  const read = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(dirname(file), name), 'utf8').catch(() => '')
      try {
        return PipelineFile.safeParse(parse(text, { maxAliasCount: 100 })).success ? [name] : []
      } catch {
        // A file with a mistake in its form: whoever chooses a pipeline is not helped by its name.
        return []
      }
    }),
  )
  return read.flat()
}

/** The path of a pipeline beside `file`, by its name. */
export async function pipelineBeside(file: string | undefined, name: string): Promise<string> {
  if (file === undefined || basename(name) !== name || !(await pipelinesBeside(file)).includes(name))
    throw new QuernError('not-found', `there is no pipeline "${name}" to compare`, {
      remedy: 'Start quern audit with --pipeline FILE: the pipelines in its folder can be compared.',
    })
  return join(dirname(file), name)
}
