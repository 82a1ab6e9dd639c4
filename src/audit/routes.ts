import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import { readTags } from '../dataset/tags.ts'
import type { Store } from '../storage/store.ts'
import { type Audited, openAudited } from './audited.ts'
import { type PipelineComparison, pipelineBeside, pipelineRules, pipelinesBeside } from './compare-pipelines.ts'
import { type Comparison, Move, type SnapshotDifference, totalsOf } from './compare-snapshots.ts'
import { cutsOf } from './cuts.ts'
import { DocumentFilter, measuresOf } from './document-filter.ts'
import { listDocuments } from './document-list.ts'
import { searchDocuments } from './document-search.ts'
import { documentView, storyOf, tokensOf } from './document-view.ts'
import { drawBatch } from './draw-batch.ts'
import { languageOf, readingOf, storeJudgements } from './judge-documents.ts'
import { batchLines, BatchRequest, ownBatch, ownLabel } from './label-batch.ts'
import { labelsAsCsv, labelsAsParquet } from './label-export.ts'
import { labelReport } from './label-report.ts'
import { annotatorName, Judgement, readLabels } from './labels.ts'
import type { TableLimits } from './ledger-tables.ts'
import { originalHtml, readOriginal } from './original.ts'
import { proposeLimits } from './propose.ts'
import { changedRules, replay } from './replay.ts'
import { ruleView } from './rule-view.ts'

/** What the page is about: one dataset, and the pipeline that made it where it is known. */
export interface AuditContext {
  readonly store: Store
  readonly pipeline: Pipeline | undefined
  /** What DuckDB may use for each of them. */
  readonly limits?: TableLimits
  /** Snapshots that were asked about; opening one costs a look at its ledger files. */
  readonly opened: Map<string, Promise<Audited>>
}

const Changes = z.strictObject({
  changes: z.array(z.strictObject({ rule: z.string(), language: z.string().nullable(), value: z.number().nullable() })).max(100),
})
const Verdicts = z.object({ from: z.string(), to: z.string(), language: z.string() })
const Judgements = z.strictObject({ judgements: z.array(Judgement).max(1000) })

type Answer = (context: AuditContext, query: URLSearchParams, body: unknown) => Promise<unknown>

const answers: Readonly<Record<string, Answer>> = {
  'GET snapshots': ({ store }) => snapshots(store),
  'GET overview': async (context, query) => (await opened(context, query)).overview(),
  'GET rules': async (context, query) => {
    const { rules, snapshot } = await opened(context, query)
    return rules.limited.map(({ name, stage, says, measure, limit, side, textFrom }) => ({
      name,
      stage,
      says,
      measure,
      limit,
      side,
      textFrom,
      dropped: snapshot.totals.dropped[name] ?? 0,
    }))
  },
  'GET rule': async (context, query) => ruleView(await opened(context, query), asked(query, 'name')),
  'POST replay': async (context, query, body) => {
    const audited = await opened(context, query)
    const fates = await audited.fates()
    return replay(fates, await changedRules(fates, audited.rules, changesOf(body), (name) => audited.measure(name)))
  },
  'POST propose': async (context, query, body) => proposeLimits((await opened(context, query)).rules, context.pipeline, changesOf(body)),
  'GET measures': async (context, query) => measuresOf((await opened(context, query)).rules),
  'GET documents': async (context, query) => listDocuments(await opened(context, query), filterOf(query)),
  'GET search': async (context, query) => searchDocuments(await opened(context, query), filterOf(query)),
  'GET document': async (context, query) => documentView(await opened(context, query), documentId(query)),
  'GET original': async (context, query) => {
    const { original, page } = await originalOf(context, query)
    return 'missing' in original ? original : (page ?? { missing: 'no-original', detail: '' })
  },
  'GET cuts': async (context, query) => {
    const { original, page, text } = await originalOf(context, query)
    if ('missing' in original) return original
    if (page === undefined || context.pipeline === undefined) return { missing: 'no-original', detail: '' }
    return { cuts: await cutsOf(context.pipeline, original.batch, page, text) }
  },
  'GET tokens': async (context, query) => {
    const audited = await opened(context, query)
    const { text } = await storyOf(audited, documentId(query))
    return { tokens: text === null ? null : (tokensOf(audited, context.pipeline, text) ?? null) }
  },
  'GET languages': async (context, query) => (await opened(context, query)).languages(),
  'GET compare': compared,
  'POST moved': async (context, query, body) => (await comparison(context, query)).sample(checked(Move, body), 20),
  'GET pipelines': ({ pipeline }) => (pipeline === undefined ? Promise.resolve([]) : pipelinesBeside(pipeline.file)),
  'GET compare-pipelines': async (context, query) => (await rulesComparison(context, query)).difference,
  'POST moved-verdict': async (context, query, body) => (await rulesComparison(context, query)).sample(checked(Verdicts, body), 20),
  'GET batches': ({ store }) => batchLines(store),
  'POST draw': async (context, query, body) => {
    const { name } = await drawBatch(await opened(context, query), checked(BatchRequest, body))
    return { name }
  },
  'GET batch': ({ store }, query) => ownBatch(store, asked(query, 'name'), checked(annotatorName, asked(query, 'annotator'))),
  'GET own-label': async ({ store }, query) => {
    const annotator = query.get('annotator') ?? ''
    return { label: annotator === '' ? null : ((await ownLabel(store, documentId(query), annotator)) ?? null) }
  },
  'GET reading': async (context, query) => readingOf(await opened(context, query), documentId(query)),
  'POST labels': async (context, query, body) => {
    await storeJudgements(await opened(context, query), checked(Judgements, body).judgements)
    return { stored: true }
  },
  'GET labels.csv': async ({ store }) => labelsAsCsv(await readLabels(store)),
  'GET labels.parquet': async ({ store }) => labelsAsParquet(await readLabels(store)),
  'GET label-report': async (context, query) => labelReport(await opened(context, query)),
}

/** The answer to `GET overview` and its like; undefined for a question that nobody answers. */
export async function answer(context: AuditContext, question: string, query: URLSearchParams, body: unknown): Promise<unknown> {
  return Object.hasOwn(answers, question) ? answers[question]?.(context, query, body) : undefined
}

export function closeAll({ opened: known }: AuditContext): void {
  for (const audited of known.values()) audited.then((one) => one.close()).catch(() => undefined)
}

async function opened(context: AuditContext, query: URLSearchParams, name = 'snapshot'): Promise<Audited> {
  return openedSnapshot(context, query.get(name) ?? '')
}

/** By version or tag; nothing stands for the newest. */
export async function openedSnapshot(context: AuditContext, which: string): Promise<Audited> {
  // Under its number, however it was asked for: it is opened once.
  const version = /^\d+$/.test(which)
    ? String(Number(which))
    : String((await readSnapshot(context.store, which === '' ? undefined : which)).snapshot.version)
  let found = context.opened.get(version)
  if (found === undefined) {
    found = openAudited(context.store, version, context.limits)
    context.opened.set(version, found)
    found.catch(() => context.opened.delete(version))
  }
  return found
}

async function comparison(context: AuditContext, query: URLSearchParams): Promise<Comparison> {
  const before = query.get('before') ?? ''
  const { snapshot } = await readSnapshot(context.store, before === '' ? undefined : before)
  const known = await context.opened.get(String(snapshot.version))
  return (await opened(context, query, 'after')).compare(snapshot, known?.documents())
}

/** Two snapshots beside each other, as far as they are compared: totals come at once, who moved after some seconds for millions. */
export type ComparedSoFar =
  | SnapshotDifference
  | (Omit<SnapshotDifference, 'moves'> & {
      readonly moves: null
      /** Rows of both ledgers that were read. */
      readonly rows: number
    })

/** With `patience` (ms) answers after that time with what is known; who asks again gets more. Without, when all is known. */
async function compared(context: AuditContext, query: URLSearchParams): Promise<ComparedSoFar> {
  const made = comparison(context, query)
  const patience = query.get('patience')
  if (patience === null) return (await made).difference
  const first = await Promise.race([made, setTimeout(Math.min(10_000, Number(patience) || 0), undefined)])
  if (first !== undefined) return first.difference
  const [which, after] = [query.get('before') ?? '', await opened(context, query, 'after')]
  const { snapshot: before } = await readSnapshot(context.store, which === '' ? undefined : which)
  return { ...totalsOf(before, after.snapshot), moves: null, rows: after.compared(before) }
}

/** `before` and `after`: names of pipelines beside the one that the page knows; nothing stands for the rules in force. */
async function rulesComparison(context: AuditContext, query: URLSearchParams): Promise<PipelineComparison> {
  const audited = await opened(context, query)
  const rules = async (name: string) => (name === '' ? audited.rules : pipelineRules(await pipelineBeside(context.pipeline?.file, name)))
  return audited.compareRules(await rules(query.get('before') ?? ''), await rules(query.get('after') ?? ''))
}

async function snapshots(store: Store): Promise<unknown> {
  const tags = await readTags(store)
  const versions: number[] = []
  for await (const { key } of store.list('snapshots/')) {
    const digits = /^snapshots\/(\d{20})\.json$/.exec(key)?.[1]
    if (digits !== undefined) versions.push(Number(digits))
  }
  return {
    dataset: store.url,
    snapshots: versions.toReversed().map((version) => ({ version, tags: tags.filter((tag) => tag.version === version).map(({ name }) => name) })),
  }
}

/** The original of a document with what is shown of it, and the text that the dataset has. */
async function originalOf(context: AuditContext, query: URLSearchParams) {
  const { story, text } = await storyOf(await opened(context, query), documentId(query))
  const original = await readOriginal(story, context.pipeline)
  const page = 'missing' in original ? undefined : originalHtml(original.batch, text, languageOf(story))
  return { original, page, text }
}

function changesOf(body: unknown): { rule: string; language: string | null; value: number }[] {
  return checked(Changes, body).changes.map((change) => ({ ...change, value: change.value ?? NaN }))
}

function filterOf(query: URLSearchParams): DocumentFilter {
  const numbers = new Set(['near', 'seed', 'limit'])
  const given = [...query].filter(([name, value]) => name !== 'snapshot' && value !== '')
  return checked(DocumentFilter, Object.fromEntries(given.map(([name, value]) => [name, numbers.has(name) ? Number(value) : value])))
}

function documentId(query: URLSearchParams): string {
  const id = asked(query, 'id')
  if (!/^[0-9a-f]{32}$/.test(id)) throw new QuernError('bad-usage', `"${id}" is no id of a document`, { remedy: 'Ids have 32 hex digits.' })
  return id
}

function asked(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (value === null) throw new QuernError('bad-usage', `the question lacks "${name}"`)
  return value
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new QuernError('bad-usage', `a question of the wrong form: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  return parsed.data
}
