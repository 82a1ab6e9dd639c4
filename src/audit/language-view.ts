import * as z from 'zod'
import type { Audited } from './audited.ts'
import { hostOf } from './document-filter.ts'

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
const Host = z.object({ host: z.string(), code: z.string(), documents: z.number(), kept: z.number() })
const Licence = z.object({ licence: z.string(), documents: z.number(), tokens: z.number() })
const Rights = z.object({ rights: z.string(), documents: z.number() })

export interface LanguagesView {
  readonly languages: readonly z.infer<typeof Language>[]
  /** Documents by language and twentieth of the language model's score. */
  readonly scores: readonly z.infer<typeof Score>[]
  /** Pairs that the model hardly tells apart: the second is less than 0.2 behind. */
  readonly confusions: readonly z.infer<typeof Confusion>[]
  readonly hosts: readonly z.infer<typeof Host>[]
  readonly licences: readonly z.infer<typeof Licence>[]
  readonly rights: readonly z.infer<typeof Rights>[]
}

/** What a snapshot holds by language, and where its languages come from. Five queries, each over a few columns. */
export async function languagesView({ tables, rules, snapshot }: Audited): Promise<LanguagesView> {
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
  const hosts = await tables.rows(
    Host,
    `SELECT * FROM (
       SELECT ${hostOf('url')} AS host, coalesce(language, '') AS code, count(*) AS documents, count(*) FILTER (outcome = 'kept') AS kept
       FROM ledger WHERE url IS NOT NULL GROUP BY ALL)
     QUALIFY row_number() OVER (PARTITION BY code ORDER BY documents DESC, host) <= 10 ORDER BY code, documents DESC, host`,
  )
  const licences = Object.entries(snapshot.totals.byLicence).map(([licence, { kept, tokens }]) => ({ licence, documents: kept, tokens }))
  const rights = await tables.rows(
    Rights,
    `SELECT coalesce(rights, '') AS rights, count(*) AS documents FROM ledger GROUP BY ALL ORDER BY documents DESC, rights`,
  )
  return { languages, scores, confusions, hosts, licences, rights }
}
