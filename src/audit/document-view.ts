import { readFileSync } from 'node:fs'
import { diffWordsWithSpace } from 'diff'
import * as z from 'zod'
import type { Pipeline } from '../core/pipeline.ts'
import type { RightsSignal } from '../core/rights.ts'
import { type Story, textOfStory, whyDocument } from '../dataset/why.ts'
import { Tokenizer } from '../native/tokenizer.ts'
import { readEvidence } from '../rights/evidence.ts'
import type { Audited } from './audited.ts'

/** A measure of a document beside the limits that it is compared with. */
export interface MeasuredLimit {
  readonly rule: string
  readonly measure: string
  readonly value: number
  readonly side: 'below' | 'above'
  /** In force for the document's language and script; null: none. */
  readonly limit: number | null
  readonly broken: boolean
}

export interface DocumentView {
  readonly story: Story
  readonly text: string | null
  /** Why there is no text. */
  readonly noText: 'suppressed' | 'not-retained' | null
  readonly limits: readonly MeasuredLimit[]
  /** Word by word against the survivor: a part of both, of the survivor, or of this document alone. Null: no survivor, or too different. */
  readonly diff: readonly { readonly value: string; readonly in: 'both' | 'survivor' | 'this' }[] | null
  readonly survivorUrl: string | null
  /** What was said about rights, and where. */
  readonly rights: readonly RightsSignal[]
  /** Documents that were dropped because this one is kept: how many, and the first of them. */
  readonly duplicates: { readonly count: number; readonly rows: readonly Duplicate[] }
}

const Duplicate = z.object({ document: z.string(), url: z.string().nullable(), rule: z.string(), similarity: z.number().nullable() })
type Duplicate = z.infer<typeof Duplicate>

const mostDuplicates = 50

/** Diffs are quadratic in what differs: texts are compared up to here, and given up after so many changes. */
const mostCharacters = 100_000
const mostEdits = 3000

/** A document's row of the ledger with its text. One that was read again on a later night counts as what became of it last. */
export async function storyOf({ store, snapshot }: Audited, document: string): Promise<Pick<DocumentView, 'story' | 'text' | 'noText'>> {
  const stories = await whyDocument(store, snapshot, document)
  const story = stories.findLast(({ outcome }) => outcome === 'kept') ?? stories.at(-1)!
  const text = (await textOfStory(store, snapshot, story))?.['text'] ?? null
  return { story, text, noText: text !== null ? null : story.suppressed ? 'suppressed' : 'not-retained' }
}

/** All that is known of one document. */
export async function documentView(audited: Audited, document: string): Promise<DocumentView> {
  const { store, snapshot } = audited
  const { story, text, noText } = await storyOf(audited, document)
  const survivor =
    story.survivor === null ? undefined : (await whyDocument(store, snapshot, story.survivor)).findLast(({ outcome }) => outcome === 'kept')
  const kept = survivor === undefined ? undefined : (await textOfStory(store, snapshot, survivor))?.['text']
  return {
    story,
    text,
    noText,
    limits: limitsOf(audited, story),
    diff: text === null || kept === undefined ? null : diffOf(kept, text),
    survivorUrl: survivor?.url ?? null,
    rights: rightsOf(story),
    duplicates: await duplicatesOf(audited, document),
  }
}

function rightsOf({ ledger }: Story): readonly RightsSignal[] {
  const evidence = ledger['rights_evidence']
  return typeof evidence === 'string' ? (readEvidence(evidence) ?? []) : []
}

async function duplicatesOf({ tables }: Audited, document: string): Promise<DocumentView['duplicates']> {
  const [count] = await tables.rows(z.object({ count: z.number() }), 'SELECT count(*) AS count FROM ledger WHERE survivor = from_hex($1)', [document])
  if (count === undefined || count.count === 0) return { count: 0, rows: [] }
  const rows = await tables.rows(
    Duplicate,
    `SELECT lower(hex(doc_id)) AS document, url, stage || '/' || rule AS rule, nullif(similarity, 'NaN'::DOUBLE) AS similarity
     FROM ledger WHERE survivor = from_hex($1) ORDER BY similarity DESC, doc_id LIMIT ${mostDuplicates}`,
    [document],
  )
  return { count: count.count, rows }
}

function diffOf(survivor: string, text: string): DocumentView['diff'] {
  const parts = diffWordsWithSpace(survivor.slice(0, mostCharacters), text.slice(0, mostCharacters), { maxEditLength: mostEdits })
  return parts?.map(({ value, added, removed }) => ({ value, in: added ? 'this' : removed ? 'survivor' : 'both' })) ?? null
}

function limitsOf({ rules }: Audited, story: Story): MeasuredLimit[] {
  const label = (name: string) => {
    const value = story.ledger[name]
    return { type: 'label' as const, indices: new Int32Array([typeof value === 'string' ? 0 : -1]), labels: typeof value === 'string' ? [value] : [] }
  }
  const batch = { rows: 1, columns: { language: label('language'), script: label('script') } }
  return rules.limited.flatMap(({ name, stage, measure, limit: limitName, side }) => {
    const value = story.measures[measure]
    if (value === undefined || Number.isNaN(value)) return []
    const limit = rules.stages.find(({ component }) => component.name === stage)!.limitsOf(batch)[limitName]!
    const bound = typeof limit === 'number' ? limit : limit[0]!
    const broken = side === 'below' ? value < bound : value > bound
    return [{ rule: name, measure, value, side, limit: Number.isNaN(bound) ? null : bound, broken }]
  })
}

/** Where tokens of a text end, in UTF-16 units, with their ids; undefined without a tokenizer of the snapshot's hash. */
export function tokensOf(
  { snapshot }: Audited,
  pipeline: Pipeline | undefined,
  text: string,
): readonly (readonly [end: number, id: number])[] | undefined {
  const stage = pipeline?.stages.find(({ component }) => component.phase === 'press')
  const path = (stage?.config as { readonly tokenizer?: string } | undefined)?.tokenizer
  if (pipeline === undefined || path === undefined) return undefined
  const file = pipeline.context.file(path)
  const tokenizer = new Tokenizer(readFileSync(file), file)
  if (tokenizer.sha256 !== snapshot.tokenizer.sha256) return undefined
  const bytes = new TextEncoder().encode(text)
  const { ids, ends } = tokenizer.encodeWithSpans(bytes)
  // Ends are bytes, and may lie inside a character; the page counts UTF-16 units, and draws such a piece with the next.
  const units = new Uint32Array(bytes.byteLength + 1)
  let unit = 0
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at]!
    if ((byte & 0xc0) !== 0x80) unit += byte >= 0xf0 ? 2 : 1
    units[at + 1] = unit
  }
  return Array.from(ids, (id, i) => [units[ends[i]!]!, id] as const)
}
