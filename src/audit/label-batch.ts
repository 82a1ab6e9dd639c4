import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { layout } from '../dataset/layout.ts'
import { parseObject } from '../dataset/parse-object.ts'
import type { Store } from '../storage/store.ts'
import type { Audited } from './audited.ts'
import { fateOf } from './document-filter.ts'
import { annotatorName, type Label, latestLabels, readLabels } from './labels.ts'

const count = z.int().nonnegative()

/** What a batch is asked for by. The same request on the same snapshot is the same batch. */
export const BatchRequest = z.strictObject({
  /** None: all languages of the snapshot. */
  languages: z.array(z.string().max(40)).max(100).default([]),
  seed: z.int().nonnegative().default(0),
  size: z.int().min(1).max(2000).default(200),
  /** Share of each language's documents that others label too, without seeing anything of the first labels. */
  second: z.number().min(0).max(1).default(0.25),
  /** Who labels all of it. */
  annotator: annotatorName,
  /** Whether that person does not see what the pipeline decided either. Second labels are blind always. */
  blind: z.boolean().default(true),
})
export type BatchRequest = z.infer<typeof BatchRequest>

const Stratum = z.strictObject({ language: z.string(), fate: z.string(), documents: count, withText: count, drawn: count })

/** Documents to be labelled, with the frame that they were drawn from: enough to draw them again and to weigh them. */
export const LabelBatch = z.strictObject({
  format: z.literal('quern-label-batch/1'),
  name: z.string(),
  snapshot: z.int().positive(),
  request: BatchRequest,
  at: z.iso.datetime(),
  strata: z.array(Stratum),
  /** In the order in which they are shown, which is random. */
  documents: z.array(z.strictObject({ document: z.string(), language: z.string(), fate: z.string(), second: z.boolean() })),
})
export type LabelBatch = z.infer<typeof LabelBatch>

/**
 * Parts of a whole that are as equal as what there is allows: the smallest are filled first, and what they cannot take
 * goes to the larger ones. In the order given.
 */
export function shareOut(whole: number, sizes: readonly number[]): readonly number[] {
  const shares = sizes.map(() => 0)
  let left = whole
  const ascending = sizes.map((size, i) => ({ size, i })).toSorted((a, b) => a.size - b.size || a.i - b.i)
  for (const [done, { size, i }] of ascending.entries()) {
    const share = Math.min(size, Math.floor(left / (sizes.length - done)))
    shares[i] = share
    left -= share
  }
  return shares
}

type Frame = Omit<z.infer<typeof Stratum>, 'drawn'>

/**
 * How many documents each stratum gives. Languages share equally. In a language half are kept documents, which HPLT's
 * audits describe and without which no recall can be known; rules share the rest equally, rare ones as much as common ones.
 */
export function allot(size: number, frame: readonly Frame[]): readonly z.infer<typeof Stratum>[] {
  const languages = [...Map.groupBy(frame, ({ language }) => language)].map(([, strata]) => strata)
  const sum = (strata: readonly Frame[]): number => strata.reduce((all, { withText }) => all + withText, 0)
  const parts = shareOut(size, languages.map(sum))
  return languages.flatMap((strata, i) => {
    const part = parts[i]!
    const rules = strata.filter(({ fate }) => fate !== 'kept')
    const kept = strata.find(({ fate }) => fate === 'kept')
    const forKept = Math.min(kept?.withText ?? 0, Math.max(Math.ceil(part / 2), part - sum(rules)))
    const forRules = shareOut(
      part - forKept,
      rules.map(({ withText }) => withText),
    )
    return [...(kept === undefined ? [] : [{ ...kept, drawn: forKept }]), ...rules.map((stratum, rule) => ({ ...stratum, drawn: forRules[rule]! }))]
  })
}

/**
 * Draws a batch and stores it, or returns the stored one that was asked for in the same words. Documents are drawn by the
 * MD5 of their id and the seed and come in that order, so whoever has the ledger draws the same ones. Only documents whose
 * text was retained can be shown; a stratum is weighed by all its documents all the same. Duplicates are not asked about:
 * nobody can tell that a text is one without its survivor beside it.
 */
export async function drawBatch(audited: Audited, request: BatchRequest): Promise<LabelBatch> {
  const { store, tables, snapshot, rules } = audited
  const asked = { ...request, languages: [...new Set(request.languages)].toSorted() }
  const name = `${snapshot.version}-${createHash('sha256').update(canonicalJson(asked)).digest('hex').slice(0, 16)}`
  const stored = await store.find(layout.labelBatch(name))
  if (stored !== undefined) return parseObject(LabelBatch, stored, layout.labelBatch(name))
  const { languages, seed, size } = asked
  const duplicateStages = rules.json.stages.filter(({ phase }) => phase === 'sequence').map(({ use }) => use)
  const list = (values: readonly string[], from: number): string => values.map((_, i) => `$${from + i + 1}`).join(', ')
  const conditions = [
    ...(languages.length === 0 ? [] : [`coalesce(language, '') IN (${list(languages, 0)})`]),
    ...(duplicateStages.length === 0 ? [] : [`coalesce(stage, '') NOT IN (${list(duplicateStages, languages.length)})`]),
  ]
  const wanted = conditions.length === 0 ? 'true' : conditions.join(' AND ')
  const parameters = [...languages, ...duplicateStages]
  const frame = await tables.rows(
    Stratum.omit({ drawn: true }),
    `SELECT coalesce(language, '') AS language, ${fateOf} AS fate, count(*) AS documents, count(*) FILTER (${hasText}) AS "withText"
     FROM ledger WHERE ${wanted} GROUP BY ALL ORDER BY language, fate`,
    parameters,
  )
  const strata = allot(size, frame)
  const drawn = await drawFrom(audited, { strata, wanted, parameters, seed })
  if (drawn.length === 0)
    throw new QuernError('not-found', `drawing a batch: snapshot ${snapshot.version} has no document with its text in these languages`, {
      remedy: 'Name other languages, or run the pipeline with output.retain-dropped: all.',
    })
  const left = new Map<string, number>()
  for (const { language } of drawn) left.set(language, (left.get(language) ?? 0) + 1)
  for (const [language, documents] of left) left.set(language, Math.ceil(documents * asked.second))
  const documents = drawn.map((of) => {
    const more = left.get(of.language)!
    left.set(of.language, more - 1)
    return { ...of, second: more > 0 }
  })
  const batch: LabelBatch = {
    format: 'quern-label-batch/1',
    name,
    snapshot: snapshot.version,
    request: asked,
    at: new Date().toISOString(),
    strata: [...strata],
    documents,
  }
  // Two people who ask at once get the same documents; whose object came first does not matter.
  await store.putIfAbsent(layout.labelBatch(name), canonicalJson(batch))
  return batch
}

const hasText = `(outcome = 'kept' OR dropped_text IS NOT NULL)`

interface Draw {
  readonly strata: readonly z.infer<typeof Stratum>[]
  /** SQL for the rows of the frame. */
  readonly wanted: string
  readonly parameters: readonly string[]
  readonly seed: number
}

const Drawn = z.object({ document: z.string(), language: z.string(), fate: z.string() })

/**
 * The documents of each stratum that come first by the MD5 of id (16 bytes) and `-seed`. Sorting millions for a few would
 * take half a minute: only those under a bound that surely leaves enough are sorted, and all if chance would have it
 * otherwise, so the bound decides nothing.
 */
async function drawFrom({ tables }: Audited, { strata, wanted, parameters, seed }: Draw): Promise<z.infer<typeof Drawn>[]> {
  const bounded = async (boundOf: (stratum: z.infer<typeof Stratum>) => number): Promise<z.infer<typeof Drawn>[]> => {
    const values: (string | number)[] = [...parameters]
    const put = (value: string | number): string => `$${values.push(value)}`
    const rows = strata
      .filter(({ drawn }) => drawn > 0)
      .map((stratum) => {
        const bound = Math.min(0xffff_ffff, Math.ceil(boundOf(stratum) * 2 ** 32))
        return `(${put(stratum.language)}, ${put(stratum.fate)}, ${put(stratum.drawn)}, ${put(`${bound.toString(16).padStart(8, '0')}g`)})`
      })
    if (rows.length === 0) return []
    return tables.rows(
      Drawn,
      `SELECT lower(hex(doc_id)) AS document, language, fate FROM (
         SELECT doc_id, coalesce(language, '') AS language, ${fateOf} AS fate, md5(doc_id || '-${seed}'::BLOB) AS place
         FROM ledger WHERE ${wanted} AND ${hasText})
       JOIN (VALUES ${rows.join(', ')}) AS strata(language, fate, drawn, bound) USING (language, fate)
       WHERE place <= bound
       QUALIFY row_number() OVER (PARTITION BY language, fate ORDER BY place, doc_id) <= drawn ORDER BY place, doc_id`,
      values,
    )
  }
  const wantedRows = strata.reduce((sum, { drawn }) => sum + drawn, 0)
  const found = await bounded(({ drawn, withText }) => (2 * drawn + 40) / withText)
  return found.length === wantedRows ? found : bounded(() => 1)
}

export async function readBatch(store: Store, name: string): Promise<LabelBatch> {
  const key = layout.labelBatch(name)
  const bytes = /^[0-9a-f-]{1,40}$/.test(name) ? await store.find(key) : undefined
  if (bytes === undefined)
    throw new QuernError('not-found', `looking for the batch "${name}": the dataset has none of this name`, { remedy: 'Choose one from the list.' })
  return parseObject(LabelBatch, bytes, key)
}

/** All batches of a dataset, the newest first. */
export async function readBatches(store: Store): Promise<readonly LabelBatch[]> {
  const all: LabelBatch[] = []
  for await (const { key } of store.list(layout.labelBatches)) all.push(parseObject(LabelBatch, await store.get(key), key))
  return all.toSorted((a, b) => (a.at < b.at ? 1 : -1))
}

export interface BatchLine {
  readonly name: string
  readonly snapshot: number
  readonly request: BatchRequest
  readonly at: string
  readonly documents: number
  readonly second: number
  /** Strata that got no document, because there are more of them than documents asked for, or because no text was retained. */
  readonly empty: number
  readonly labelled: readonly { readonly annotator: string; readonly documents: number }[]
}

export async function batchLines(store: Store): Promise<readonly BatchLine[]> {
  const [batches, labels] = await Promise.all([readBatches(store), readLabels(store)])
  const byBatch = Map.groupBy(labels, ({ batch }) => batch)
  return batches.map(({ name, snapshot, request, at, documents, strata }) => ({
    name,
    snapshot,
    request,
    at,
    documents: documents.length,
    second: documents.filter(({ second }) => second).length,
    empty: strata.filter(({ drawn }) => drawn === 0).length,
    labelled: [...Map.groupBy(latestLabels(byBatch.get(name) ?? []), ({ annotator }) => annotator)].map(([annotator, of]) => ({
      annotator,
      documents: of.length,
    })),
  }))
}

/** A batch as one person gets it. */
export interface OwnBatch {
  readonly name: string
  readonly snapshot: number
  /** `second`: the share of somebody else's batch, in an order of its own. */
  readonly role: 'first' | 'second'
  readonly blind: boolean
  readonly documents: readonly { readonly document: string; readonly language: string }[]
  /** What this person said before, and nobody else. */
  readonly given: readonly Pick<Label, 'document' | 'verdict' | 'problems' | 'comment'>[]
}

export async function ownBatch(store: Store, name: string, annotator: string): Promise<OwnBatch> {
  const batch = await readBatch(store, name)
  const own = latestLabels((await readLabels(store)).filter((label) => label.batch === name && label.annotator === annotator))
  const first = annotator === batch.request.annotator
  const shown = first ? batch.documents : inOrderOf(annotator, batch.documents)
  return {
    name,
    snapshot: batch.snapshot,
    role: first ? 'first' : 'second',
    blind: isBlind(batch, annotator),
    documents: shown.map(({ document, language }) => ({ document, language })),
    given: own.map(({ document, verdict, problems, comment }) => ({ document, verdict, problems, comment })),
  }
}

/** What a person last said of a document outside of batches. */
export async function ownLabel(store: Store, document: string, annotator: string): Promise<OwnBatch['given'][number] | undefined> {
  return (await readLabels(store)).findLast((label) => label.batch === '' && label.document === document && label.annotator === annotator)
}

export function isBlind(batch: LabelBatch, annotator: string): boolean {
  return batch.request.blind || annotator !== batch.request.annotator
}

/** What tires the first person at the end of a batch should not meet the second one there too. */
function inOrderOf(annotator: string, documents: LabelBatch['documents']): LabelBatch['documents'] {
  const place = ({ document }: { readonly document: string }): string => createHash('sha256').update(`${annotator} ${document}`).digest('hex')
  const placed = documents.filter(({ second }) => second).map((of) => ({ of, place: place(of) }))
  return placed.toSorted((a, b) => (a.place < b.place ? -1 : 1)).map(({ of }) => of)
}
