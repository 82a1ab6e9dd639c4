import * as z from 'zod'
import type { Audited } from './audited.ts'

const Language = z.object({
  language: z.string(),
  read: z.number(),
  kept: z.number(),
  tokens: z.number(),
  bytes: z.number(),
  /** Tokens a word of kept documents; null where no stage counted words. */
  fertility: z.number().nullable(),
})
const Score = z.object({ language: z.string(), bin: z.number(), documents: z.number() })
const Confusion = z.object({ first: z.string(), second: z.string(), documents: z.number(), kept: z.number() })
interface Host {
  readonly host: string
  readonly code: string
  readonly documents: number
  readonly kept: number
}
const Licence = z.object({ licence: z.string(), documents: z.number(), tokens: z.number() })
const Rights = z.object({ rights: z.string(), documents: z.number() })

export interface LanguagesView {
  readonly languages: readonly z.infer<typeof Language>[]
  /** Documents by language and twentieth of the language model's score. */
  readonly scores: readonly z.infer<typeof Score>[]
  /** Pairs that the model hardly tells apart: the second is less than 0.2 behind. */
  readonly confusions: readonly z.infer<typeof Confusion>[]
  readonly hosts: readonly Host[]
  readonly licences: readonly z.infer<typeof Licence>[]
  readonly rights: readonly z.infer<typeof Rights>[]
}

/** What a snapshot holds by language, and where its languages come from. Four queries, each over a few columns, and a pass over hosts. */
export async function languagesView(audited: Audited): Promise<LanguagesView> {
  const { tables, rules, snapshot } = audited
  const measures = new Set(rules.stages.flatMap(({ component }) => Object.keys(component.measures)))
  const words = measures.has('words')
    ? `sum(n_tokens) FILTER (words > 0) / nullif(sum(words) FILTER (outcome = 'kept' AND words > 0), 0)`
    : 'NULL::DOUBLE'
  const languages = await tables.rows(
    Language,
    `SELECT coalesce(language, '') AS language, count(*) AS read, count(*) FILTER (outcome = 'kept') AS kept,
       coalesce(sum(n_tokens), 0)::DOUBLE AS tokens, coalesce(sum(n_bytes) FILTER (outcome = 'kept'), 0)::DOUBLE AS bytes, ${words} AS fertility
     FROM ledger GROUP BY ALL ORDER BY tokens DESC, language`,
  )
  const scores = measures.has('language_score')
    ? await tables.rows(
        Score,
        `SELECT language, least(19, floor(language_score * 20))::INTEGER AS bin, count(*) AS documents FROM ledger
         WHERE language IS NOT NULL AND NOT isnan(language_score) GROUP BY ALL ORDER BY language, bin`,
      )
    : []
  const confusions = measures.has('language_margin')
    ? await tables.rows(
        Confusion,
        `SELECT folded_1 AS first, folded_2 AS second, count(*) AS documents, count(*) FILTER (outcome = 'kept') AS kept FROM ledger
         WHERE folded_2 IS NOT NULL AND language_margin < 0.2 GROUP BY ALL ORDER BY documents DESC, first, second LIMIT 40`,
      )
    : []
  const hosts = await hostsByLanguage(audited)
  const licences = Object.entries(snapshot.totals.byLicence).map(([licence, { kept, tokens }]) => ({ licence, documents: kept, tokens }))
  const rights = await tables.rows(
    Rights,
    `SELECT coalesce(rights, '') AS rights, count(*) AS documents FROM ledger GROUP BY ALL ORDER BY documents DESC, rights`,
  )
  return { languages, scores, confusions, hosts, licences, rights }
}

const hostsShown = 10

/** The hosts with most documents in each language, by its code. Documents without an address have no host. */
async function hostsByLanguage(audited: Audited): Promise<readonly Host[]> {
  const [{ rows, language, fate }, { numbers, table }] = await Promise.all([audited.documents(), audited.hosts()])
  const keptNumber = fate.names.indexOf('kept')
  const byCode = language.names.map((code, number) => ({ code, number })).toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const [all, kept] = [new Uint32Array(table.size), new Uint32Array(table.size)]
  return byCode.flatMap(({ code, number }) => {
    all.fill(0)
    kept.fill(0)
    for (let row = 0; row < rows; row++) {
      if (language.numbers[row] !== number) continue
      all[numbers[row]!]!++
      if (fate.numbers[row] === keptNumber) kept[numbers[row]!]!++
    }
    return Array.from(table.top(all, hostsShown), (host) => ({ host: table.name(host), code, documents: all[host]!, kept: kept[host]! }))
  })
}
