import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { layout } from '../dataset/layout.ts'
import { parseObject } from '../dataset/parse-object.ts'
import type { Audited } from './audited.ts'
import { placing } from './document-columns.ts'
import { firstRows } from './first-rows.ts'
import { type BatchRequest, LabelBatch, type Stratum } from './label-batch.ts'
import { rowsOfLedger } from './ledger-rows.ts'

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

type Frame = Omit<Stratum, 'drawn'>

/**
 * How many documents each stratum gives. Languages share equally. In a language half are kept documents, which HPLT's
 * audits describe and without which no recall can be known; rules share the rest equally, rare ones as much as common ones.
 */
export function allot(size: number, frame: readonly Frame[]): readonly Stratum[] {
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
 * Draws a batch and stores it, or returns the stored one that was asked for in the same words. Documents of a stratum are
 * drawn by a mix of their id and the seed (`placing`) and come in that order, so whoever has the ledger draws the same ones.
 * Only documents whose text was retained can be shown; a stratum is weighed by all its documents all the same. Duplicates
 * are not asked about: nobody can tell that a text is one without its survivor beside it.
 */
export async function drawBatch(audited: Audited, request: BatchRequest): Promise<LabelBatch> {
  const { store, snapshot } = audited
  const asked = { ...request, languages: [...new Set(request.languages)].toSorted() }
  const name = `${snapshot.version}-${createHash('sha256').update(canonicalJson(asked)).digest('hex').slice(0, 16)}`
  const stored = await store.find(layout.labelBatch(name))
  if (stored !== undefined) return parseObject(LabelBatch, stored, layout.labelBatch(name))
  const strata = await strataOf(audited, asked.languages)
  const allotted = allot(
    asked.size,
    strata.map(({ frame }) => frame),
  )
  const drawn = await drawFrom(audited, strata, allotted, asked.seed)
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
    strata: [...allotted],
    documents,
  }
  // Two people who ask at once get the same documents; whose object came first does not matter.
  await store.putIfAbsent(layout.labelBatch(name), canonicalJson(batch))
  return batch
}

/** A stratum with its numbers in the columns of the snapshot. */
interface NumberedStratum {
  readonly language: number
  readonly fate: number
  readonly frame: Frame
}

/** By language and fate, in that order. Counted in one pass over all rows. */
async function strataOf(audited: Audited, languages: readonly string[]): Promise<readonly NumberedStratum[]> {
  const [{ rows, language, fate }, texts] = await Promise.all([audited.documents(), audited.texts()])
  const width = fate.names.length
  const all = new Uint32Array(language.names.length * width)
  const withText = new Uint32Array(all.length)
  const kept = fate.names.indexOf('kept')
  for (let row = 0; row < rows; row++) {
    const at = language.numbers[row]! * width + fate.numbers[row]!
    all[at]!++
    if (fate.numbers[row] === kept || texts.numbers[row] !== 0) withText[at]!++
  }
  const duplicates = audited.rules.json.stages.filter(({ phase }) => phase === 'sequence').map(({ use }) => `${use}/`)
  const asked = (code: string): boolean => languages.length === 0 || languages.includes(code)
  return language.names
    .flatMap((code, ofLanguage) =>
      fate.names.flatMap((name, ofFate) => {
        const at = ofLanguage * width + ofFate
        if (all[at] === 0 || !asked(code) || duplicates.some((stage) => name.startsWith(stage))) return []
        return [{ language: ofLanguage, fate: ofFate, frame: { language: code, fate: name, documents: all[at]!, withText: withText[at]! } }]
      }),
    )
    .toSorted((a, b) => byBytes(a.frame.language, b.frame.language) || byBytes(a.frame.fate, b.frame.fate))
}

/** The rows of each stratum that come first, all of them in one order. */
async function drawFrom(
  audited: Audited,
  strata: readonly NumberedStratum[],
  allotted: readonly Stratum[],
  seed: number,
): Promise<readonly { readonly document: string; readonly language: string; readonly fate: string }[]> {
  const [documents, texts] = await Promise.all([audited.documents(), audited.texts()])
  const { rows, language, fate, key } = documents
  const width = fate.names.length
  const place = placing(seed)
  const kept = fate.names.indexOf('kept')
  const draws = new Map(strata.map((of) => [of.language * width + of.fate, of.frame]))
  const firstOf = Array.from({ length: language.names.length * width }, (_, at) => {
    const frame = draws.get(at)
    const drawn = frame === undefined ? 0 : allotted.find((of) => of.language === frame.language && of.fate === frame.fate)!.drawn
    return drawn === 0 ? undefined : firstRows(drawn)
  })
  for (let row = 0; row < rows; row++) {
    const first = firstOf[language.numbers[row]! * width + fate.numbers[row]!]
    if (first !== undefined && (fate.numbers[row] === kept || texts.numbers[row] !== 0)) first.add(row, 0, place(key[row]!))
  }
  const drawn = firstOf.flatMap((first) => first?.rows() ?? []).toSorted((a, b) => place(key[a]!) - place(key[b]!) || a - b)
  const { ids } = await rowsOfLedger(audited.store, documents, drawn, {})
  return drawn.map((row, i) => ({ document: ids[i]!, language: language.names[language.numbers[row]!]!, fate: fate.names[fate.numbers[row]!]! }))
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
