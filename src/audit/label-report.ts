import { krippendorffAlpha } from './agreement.ts'
import { estimateShare, estimateRules, type Interval, type RuleEstimate } from './estimates.ts'
import { type LabelBatch, readBatches } from './label-batch.ts'
import { problemNames, type ProblemName } from './label-names.ts'
import { type Label, latestLabels, readLabels } from './labels.ts'
import type { Audited } from './audited.ts'

export type Question = 'verdict' | ProblemName
const questions: readonly Question[] = ['verdict', ...problemNames]

export interface Agreement {
  readonly question: Question
  /** Null: all languages together. */
  readonly language: string | null
  /** Documents that two people or more answered. */
  readonly documents: number
  /** Share of them that all answered alike. */
  readonly alike: number
  /** NaN (null in JSON) where everybody always gave the same answer: then chance and agreement are the same. */
  readonly alpha: number
}

export interface LanguageReport {
  readonly language: string
  readonly rules: readonly RuleEstimate[]
  /** Of the kept documents: how many are bad, and how many have each of the problems. Null without a label. */
  readonly kept: Readonly<Record<'bad' | ProblemName, Interval>> | null
  readonly keptDocuments: number
  readonly keptLabelled: number
}

export interface LabelReport {
  /** Of all snapshots, and those that people gave outside of batches. */
  readonly labels: number
  readonly annotators: readonly string[]
  /** Labels that tell of this snapshot's rules: given in a batch that was drawn from it. */
  readonly counted: number
  readonly agreement: readonly Agreement[]
  readonly languages: readonly LanguageReport[]
}

/** What the labels of a dataset say of the rules of a snapshot, by language. */
export async function labelReport({ store, snapshot }: Audited): Promise<LabelReport> {
  const [batches, labels] = await Promise.all([readBatches(store), readLabels(store)])
  return reportLabels(
    batches.filter((batch) => batch.snapshot === snapshot.version),
    labels,
  )
}

/** Documents of a stratum that were labelled, and how many of them are what is counted. */
interface Found {
  labelled: number
  found: number
}

/**
 * Estimates from labels of these batches, which are samples of one snapshot. Labels that people gave to documents of their
 * own choice are no sample and tell nothing of a share: they are left out. Several people on one document count as one
 * document: half bad if half of them say so. Batches of other seeds add documents to the same strata.
 */
export function reportLabels(batches: readonly LabelBatch[], labels: readonly Label[]): LabelReport {
  const strataOf = new Map(batches.flatMap(({ documents }) => documents.map(({ document, language, fate }) => [document, { language, fate }])))
  const names = new Set(batches.map(({ name }) => name))
  const latest = latestLabels(labels.filter(({ batch }) => names.has(batch)))
  const byDocument = Map.groupBy(latest, ({ document }) => document)
  const frame = new Map(batches.flatMap(({ strata }) => strata.map((stratum) => [`${stratum.language} ${stratum.fate}`, stratum])))
  const found = new Map<string, Record<'bad' | ProblemName, Found>>()
  for (const [document, given] of byDocument) {
    const stratum = strataOf.get(document)
    if (stratum === undefined) continue
    const key = `${stratum.language} ${stratum.fate}`
    const of = found.get(key) ?? noneFound()
    found.set(key, of)
    const sure = given.filter(({ verdict }) => verdict !== 'unsure')
    count(of.bad, sure, ({ verdict }) => verdict === 'drop')
    for (const problem of problemNames) count(of[problem], given, ({ problems }) => problems.includes(problem))
  }
  const languages = [...Map.groupBy(frame.values(), ({ language }) => language)].flatMap(([language, strata]): LanguageReport[] => {
    // Nobody can say anything of documents without a text; shares and recall are those of the others.
    const of = strata
      .filter(({ withText }) => withText > 0)
      .map(({ fate, documents }) => ({ fate, documents, found: found.get(`${language} ${fate}`) ?? noneFound() }))
    if (of.every(({ found: { bad } }) => bad.labelled === 0)) return []
    const kept = of.find(({ fate }) => fate === 'kept')
    const share = ({ labelled, found: some }: Found): Interval => estimateShare({ fate: 'kept', documents: kept!.documents, labelled, bad: some })
    return [
      {
        language,
        rules: estimateRules(of.map(({ fate, documents, found: { bad } }) => ({ fate, documents, labelled: bad.labelled, bad: bad.found }))),
        kept:
          kept === undefined || kept.found.bad.labelled === 0
            ? null
            : {
                bad: share(kept.found.bad),
                porn: share(kept.found.porn),
                artefacts: share(kept.found.artefacts),
                unnatural: share(kept.found.unnatural),
                'wrong-language': share(kept.found['wrong-language']),
              },
        keptDocuments: kept?.documents ?? 0,
        keptLabelled: kept?.found.bad.labelled ?? 0,
      },
    ]
  })
  return {
    labels: labels.length,
    annotators: [...new Set(labels.map(({ annotator }) => annotator))].toSorted(),
    counted: latest.length,
    agreement: agreementOf(latest),
    languages: languages.toSorted((a, b) => (a.language < b.language ? -1 : 1)),
  }
}

function noneFound(): Record<'bad' | ProblemName, Found> {
  const none = (): Found => ({ labelled: 0, found: 0 })
  return { bad: none(), porn: none(), artefacts: none(), unnatural: none(), 'wrong-language': none() }
}

function count(into: Found, given: readonly Label[], says: (label: Label) => boolean): void {
  if (given.length === 0) return
  into.labelled++
  into.found += given.filter(says).length / given.length
}

/** By question, for all languages and for each. Who is unsure gives no answer to the question of the verdict. */
function agreementOf(latest: readonly Label[]): readonly Agreement[] {
  const languages = [...new Set(latest.map(({ language }) => language))].toSorted()
  return [null, ...languages].flatMap((language) =>
    questions.flatMap((question): Agreement[] => {
      const ratings = latest
        .filter((label) => (language === null || label.language === language) && (question !== 'verdict' || label.verdict !== 'unsure'))
        .map(({ document, annotator, verdict, problems }) => ({
          document,
          annotator,
          label: question === 'verdict' ? verdict : problems.includes(question) ? 'yes' : 'no',
        }))
      const several = [...Map.groupBy(ratings, ({ document }) => document).values()].filter((of) => of.length > 1)
      if (several.length === 0) return []
      const alike = several.filter((of) => of.every(({ label }) => label === of[0]!.label)).length / several.length
      return [{ question, language, documents: several.length, alike, alpha: krippendorffAlpha(ratings) }]
    }),
  )
}
