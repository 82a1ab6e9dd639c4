import * as z from 'zod'
import { estimateRules, type RuleEstimate } from './estimates.ts'
import { krippendorffAlpha } from './agreement.ts'
import type { Audited } from './audited.ts'
import { type Label, readLabels } from './labels.ts'

/** Documents to be labelled, with the frame that they were drawn from: enough to draw them again and to weigh them. */
export interface LabelBatch {
  readonly name: string
  readonly snapshot: number
  readonly seed: number
  readonly size: number
  readonly strata: readonly { readonly stratum: string; readonly documents: number; readonly drawn: number }[]
  readonly documents: readonly { readonly document: string; readonly stratum: string }[]
}

const Stratum = z.object({ language: z.string(), fate: z.string(), documents: z.number() })
const Drawn = z.object({ document: z.string(), stratum: z.string() })

const fate = `CASE WHEN outcome = 'kept' THEN 'kept' ELSE stage || '/' || rule END`

/**
 * A batch stratified by language and rule, as HPLT's annotators get them (200 documents): every stratum gets the same
 * number as far as it has documents, since rare rules are asked about as much as common ones. Documents are drawn by the
 * hash of their id and the seed, so the same seed draws the same batch, and they come in the order of that hash.
 */
export async function drawBatch({ tables, snapshot }: Audited, languages: readonly string[], seed: number, size = 200): Promise<LabelBatch> {
  const wanted = languages.length === 0 ? '' : `WHERE coalesce(language, '') IN (${languages.map((_, i) => `$${i + 1}`).join(', ')})`
  const strata = await tables.rows(
    Stratum,
    `SELECT coalesce(language, '') AS language, ${fate} AS fate, count(*) AS documents FROM ledger ${wanted} GROUP BY ALL ORDER BY documents, language, fate`,
    languages,
  )
  // The smallest first: what they cannot fill is shared among the larger ones.
  const shares = new Map<string, number>()
  let left = size
  for (const [i, { language, fate: name, documents }] of strata.entries()) {
    const share = Math.min(documents, Math.floor(left / (strata.length - i)))
    shares.set(`${language} ${name}`, share)
    left -= share
  }
  const documents = await tables.rows(
    Drawn,
    `SELECT document, stratum FROM (
       SELECT lower(hex(doc_id)) AS document, coalesce(language, '') || ' ' || ${fate} AS stratum, hash(doc_id, ${Math.trunc(seed)}) AS place FROM ledger ${wanted})
     QUALIFY row_number() OVER (PARTITION BY stratum ORDER BY place, document) <= map_extract_value(${mapOf(shares)}, stratum) ORDER BY place, document`,
    languages,
  )
  return {
    name: `${snapshot.version}-${seed}${languages.length === 0 ? '' : `-${languages.join('-')}`}`,
    snapshot: snapshot.version,
    seed,
    size,
    strata: strata.map(({ language, fate: name, documents: count }) => ({
      stratum: `${language} ${name}`,
      documents: count,
      drawn: shares.get(`${language} ${name}`) ?? 0,
    })),
    documents,
  }
}

function mapOf(shares: ReadonlyMap<string, number>): string {
  return `MAP {${[...shares].map(([stratum, share]) => `'${stratum.replaceAll("'", "''")}': ${share}`).join(', ')}}`
}

export interface LabelReport {
  readonly labels: number
  readonly annotators: readonly string[]
  /** Over documents that several people labelled. */
  readonly alpha: number
  readonly languages: readonly { readonly language: string; readonly rules: readonly RuleEstimate[] }[]
}

const badLabels = new Set<Label['label']>(['porn', 'artefacts', 'unnatural', 'wrong-language', 'rightly-dropped'])

/** What the labels of a dataset say of the rules of a snapshot, by language. */
export async function labelReport({ store, tables }: Audited): Promise<LabelReport> {
  const labels = await readLabels(store)
  const sizes = await tables.rows(
    Stratum,
    `SELECT coalesce(language, '') AS language, ${fate} AS fate, count(*) AS documents FROM ledger GROUP BY ALL`,
  )
  const votes = new Map<string, { stratum: string; bad: number; good: number }>()
  const latest = new Map(labels.map((label) => [`${label.document} ${label.annotator}`, label]))
  for (const { document, stratum, label } of latest.values()) {
    const vote = votes.get(document) ?? { stratum, bad: 0, good: 0 }
    if (label !== 'unsure') vote[badLabels.has(label) ? 'bad' : 'good']++
    votes.set(document, vote)
  }
  const found = new Map<string, { labelled: number; bad: number }>()
  for (const { stratum, bad, good } of votes.values()) {
    // A tie is nobody's judgement.
    if (bad === good) continue
    const sum = found.get(stratum) ?? { labelled: 0, bad: 0 }
    sum.labelled++
    if (bad > good) sum.bad++
    found.set(stratum, sum)
  }
  const byLanguage = Map.groupBy(sizes, ({ language }) => language)
  const languages = [...byLanguage].flatMap(([language, strata]) => {
    const of = strata.map(({ fate: name, documents }) => ({ fate: name, documents, labelled: 0, bad: 0, ...found.get(`${language} ${name}`) }))
    return of.every(({ labelled }) => labelled === 0) ? [] : [{ language, rules: estimateRules(of) }]
  })
  return {
    labels: labels.length,
    annotators: [...new Set(labels.map(({ annotator }) => annotator))].toSorted(),
    alpha: krippendorffAlpha(labels.map(({ document, annotator, label }) => ({ document, annotator, label }))),
    languages: languages.toSorted((a, b) => (a.language < b.language ? -1 : 1)),
  }
}
