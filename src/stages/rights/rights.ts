import * as z from 'zod'
import { type Batch, type BinaryColumn, emptyVerdict, type LabelColumn, rowText, type TextColumn } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'
import { type RightsDecision, type RightsPolicy, rightsProtocols, type RightsSignal } from '../../core/rights.ts'
import { textBuilder } from '../../core/text-builder.ts'
import { loadPolicy, policyPath } from '../../config/policy-file.ts'
import { rightsTags } from '../../native/rights-tags.ts'
import { decideRights } from '../../rights/decide-rights.ts'
import { readEvidence, writeEvidence } from '../../rights/evidence.ts'
import { licenceSignals } from '../../rights/header-signals.ts'
import { headerLineSignals, tagSignals } from '../../rights/read-signals.ts'

const rules = {
  robots: 'robots.txt shuts out your own crawler, or one that collects for training.',
  'content-usage': 'Content-Usage (AIPREF) says no, in robots.txt or the response.',
  'content-signal': 'Content-Signal says no.',
  tdmrep: 'The rights to text and data mining are reserved (TDMRep: file, header or page).',
  rsl: 'The terms of an RSL document say no or ask for payment; or, where the policy goes by that, such a document is named.',
  directives: 'X-Robots-Tag or a robots meta says no, such as noai.',
  licence: 'The page names a licence that the policy does not accept.',
  unknown: 'Nobody has said anything, and the policy asks for a permission.',
} satisfies Record<(typeof rightsProtocols)[number] | 'unknown', string>
const ruleNames = Object.keys(rules)
const verdicts = ['allow', 'deny', 'unknown'] as const

const config = z.strictObject({
  policy: z.string().min(1).default('default').describe('A policy of Quern (default, strict), or a policy file of your own.'),
})

type Config = z.infer<typeof config>

export default definePrepareStage<Config>({
  name: 'rights',
  group: 'rights',
  summary:
    'Decides by a policy whether a page may be used: from what the crawler wrote into the WARC, else from the response’s headers and the head ' +
    'of the page itself. All signals go to the ledger; the text of what is denied is kept nowhere.',
  version: 1,
  config,
  // What else it looks at (the page, its headers, a licence link) not every source has.
  reads: ['url'],
  writes: ['rights', 'policy', 'rights_evidence', 'page_licence'],
  measures: {
    rights_statements: 'Statements about rights that were found, whatever they say.',
    rights_conflict: 'Whether statements that allow and that deny were found, 1 or 0.',
  },
  rules,
  examples: [
    { html: '<html><head><title>Bread</title></head><body><p>Flour, water and salt.</p></body></html>' },
    { html: '<html><head><meta name="robots" content="noai, noimageai"></head><body><p>Mine.</p></body></html>', drops: 'directives' },
    { html: '<html><head><meta name="tdm-reservation" content="1"></head><body><p>Reserved.</p></body></html>', drops: 'tdmrep' },
    { html: '<head><meta name="content-usage" content="train-ai=n"></head><p>Read me.</p>', drops: 'content-usage' },
    { html: '<head><meta name="content-signal" content="search=yes, ai-train=no"></head><p>Find me.</p>', drops: 'content-signal' },
    {
      html: '<p>Behind a closed door.</p>',
      signals: '[{"protocol":"robots","place":"robots.txt","agents":["gptbot"],"use":"fetch","value":"deny","line":2,"raw":"Disallow: /"}]',
      drops: 'robots',
    },
    {
      html: '<head><link rel="license" type="application/rsl+xml" href="/l.xml"></head><p>For sale.</p>',
      config: { policy: 'strict' },
      drops: 'rsl',
    },
    { html: '<html><body><p>Silence.</p></body></html>', config: { policy: 'strict' }, drops: 'unknown' },
    {
      html: '<head><link rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/"></head><p>Not for sale.',
      config: { policy: 'strict' },
      drops: 'licence',
    },
  ],
  assets: (settings, context) => [policyFile(settings, context.file)],
  open: async (settings, context) => {
    const policy = await loadPolicy(policyFile(settings, context.file))
    return (batch) => decideRows(batch, policy)
  },
})

function policyFile({ policy }: Config, file: (path: string) => string): string {
  const path = policyPath(policy)
  return path === policy ? file(path) : path
}

function decideRows(batch: Batch, policy: RightsPolicy) {
  const { rows } = batch
  const payload = batch.columns['payload']
  const tags = payload?.type === 'binary' ? rightsTags(payload satisfies BinaryColumn) : undefined
  const columns = { headers: texts(batch, 'rights_headers'), signals: texts(batch, 'rights_signals'), licence: texts(batch, 'licence_link'), tags }
  const verdict = emptyVerdict(rows)
  const rights = new Int32Array(rows)
  const evidence = textBuilder()
  const licences = textBuilder()
  const found = new Float64Array(rows)
  const conflict = new Float64Array(rows)
  const encoder = new TextEncoder()
  for (let row = 0; row < rows; row += 1) {
    const signals = signalsOf(columns, row)
    const decision = decideRights(policy, signals)
    rights[row] = verdicts.indexOf(decision.decision)
    found[row] = signals.length
    conflict[row] = decision.conflict ? 1 : 0
    evidence.appendBytes(encoder.encode(writeEvidence(signals)))
    licences.appendBytes(encoder.encode(signals.find(({ protocol, use }) => protocol === 'licence' && use !== 'other')?.use ?? ''))
    verdict.rule[row] = ruleOf(decision, policy)
  }
  const label = (labels: readonly string[], indices: Int32Array): LabelColumn => ({ type: 'label', indices, labels })
  return {
    columns: {
      rights: label(verdicts, rights),
      policy: label([policy.id], new Int32Array(rows)),
      rights_evidence: evidence.take(),
      page_licence: licences.take(),
    },
    measures: { rights_statements: found, rights_conflict: conflict },
    verdict,
  }
}

function ruleOf({ decision, protocol }: RightsDecision, policy: RightsPolicy): number {
  if (decision === 'deny') return ruleNames.indexOf(protocol ?? '')
  return decision === 'unknown' && policy.unknown === 'drop' ? ruleNames.indexOf('unknown') : -1
}

function texts(batch: Batch, name: string): TextColumn | undefined {
  const column = batch.columns[name]
  return column?.type === 'text' ? column : undefined
}

/** A string only where a column says something: of most rows none does. */
function textAt(column: TextColumn | undefined, row: number): string {
  return column === undefined || column.offsets[row] === column.offsets[row + 1] ? '' : rowText(column, row)
}

/** What the crawler saw at fetch time counts alone; without it what the response still says. */
function signalsOf(
  columns: Readonly<Record<'headers' | 'signals' | 'licence' | 'tags', TextColumn | undefined>>,
  row: number,
): readonly RightsSignal[] {
  const written = textAt(columns.signals, row)
  const known = written === '' ? undefined : readEvidence(written)
  if (known !== undefined) return known
  const headers = textAt(columns.headers, row)
  const tags = textAt(columns.tags, row)
  const licence = textAt(columns.licence, row)
  const signals = [...(headers === '' ? [] : headerLineSignals(headers)), ...(tags === '' ? [] : tagSignals(tags))]
  const linked = licence !== '' && !signals.some(({ protocol }) => protocol === 'licence' || protocol === 'rsl')
  return linked ? [...signals, ...licenceSignals(licence, '', { place: 'html', agents: [], raw: `licence link ${licence}` })] : signals
}
