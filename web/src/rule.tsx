import * as Plot from '@observablehq/plot'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { DocumentList } from '../../src/audit/document-list.ts'
import type { Proposal } from '../../src/audit/propose.ts'
import type { Replay } from '../../src/audit/replay.ts'
import type { LanguageHistogram, RuleView } from '../../src/audit/rule-view.ts'
import { ask, type Asked, isReport, Problem, useAnswer } from './ask.ts'
import { Chart } from './chart.tsx'
import { Figures, link, type Place, Says, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

/** JSON has no NaN: a rule that does not hold for a language has no limit there. */
type Shown = Omit<RuleView, 'languages'> & { readonly languages: readonly (Omit<LanguageHistogram, 'limit'> & { readonly limit: number | null })[] }
type Limits = ReadonlyMap<string | null, number>

export function RulePage({ snapshot, query }: Place) {
  const name = query.get('name') ?? ''
  return (
    <>
      <h1>{name}</h1>
      <When asked={useAnswer<Shown>('rule', { snapshot, name })}>
        {(rule) => <Rule key={`${snapshot} ${name}`} rule={rule} snapshot={snapshot} />}
      </When>
    </>
  )
}

function Rule({ rule, snapshot }: { readonly rule: Shown; readonly snapshot: string }) {
  const { w, n } = useWords()
  const [limits, setLimits] = useState<Limits>(new Map())
  const changes = useMemo(() => [...limits].map(([language, value]) => ({ rule: rule.rule, language, value })), [limits])
  const replayed = useReplay(snapshot, changes)
  const usual = rule.languages.find(({ limit }) => limit !== null)?.limit ?? 0
  const set = (language: string | null, value: number) => {
    const next = new Map(limits)
    // A limit for all replaces those of single languages.
    if (language === null) next.clear()
    setLimits(next.set(language, value))
  }
  const limitOf = (language: string, limit: number | null) => limits.get(language) ?? limits.get(null) ?? limit
  return (
    <>
      <p>
        <Says sentence={rule.says} /> <span class="quiet">{rule.meaning}</span>
      </p>
      {rule.textFrom !== null && (
        <p class="quiet">
          {w.textFrom} {rule.textFrom}
        </p>
      )}
      <form class="filter" hidden={isReport} onSubmit={(event) => event.preventDefault()}>
        <label>
          {w.limitAll}
          <input
            type="number"
            step="any"
            value={limits.get(null) ?? usual}
            onInput={(event) => setNumber(event.currentTarget, (value) => set(null, value))}
          />
        </label>
        <button type="button" onClick={() => setLimits(new Map())}>
          {w.reset}
        </button>
      </form>
      <div aria-live="polite">
        {replayed === null ? null : (
          <When asked={replayed}>
            {(replay) => (
              <>
                <Figures
                  of={[
                    [`${w.enter} (${w.exact})`, n(replay.enter)],
                    [`${w.leave} (${w.exact})`, n(replay.leave)],
                    [`${w.tokens} + (${w.estimated})`, `${n(replay.entering.tokens)} ± ${n(1.96 * replay.entering.error)}`],
                    [`${w.tokens} − (${w.estimated})`, `${n(replay.leaving.tokens)} ± ${n(1.96 * replay.leaving.error)}`],
                  ]}
                />
                <Still replay={replay} />
                {replay.enter > 0 && rule.needsText.length > 0 && (
                  <p>
                    {w.needsText} {rule.needsText.join(', ')}
                  </p>
                )}
              </>
            )}
          </When>
        )}
      </div>
      <Propose snapshot={snapshot} changes={changes} />
      <p class="quiet">
        <span aria-hidden="true" style={{ color: 'var(--free)' }}>
          ■
        </span>{' '}
        {w.free}{' '}
        <span aria-hidden="true" style={{ color: 'var(--bound)' }}>
          ■
        </span>{' '}
        {w.bound}
      </p>
      <div class="multiples">
        {rule.languages.map((of) => {
          const limit = limitOf(of.language, of.limit)
          const moved = replayed?.state === 'there' ? replayed.answer.languages[of.language] : undefined
          return (
            <figure key={of.language}>
              <figcaption>
                <strong>{of.language === '' ? w.noLanguage : of.language}</strong>
                <span class="quiet">
                  {n(of.documents)}
                  {moved === undefined ? '' : ` · +${n(moved.enter)} −${n(moved.leave)}`}
                </span>
              </figcaption>
              <Histogram rule={rule} of={of} limit={limit} />
              {!isReport && (
                <>
                  <label class="field">
                    {w.limitOf} {of.language}
                    <input
                      type="number"
                      step="any"
                      value={limit ?? ''}
                      placeholder={w.off}
                      onInput={(event) => setNumber(event.currentTarget, (value) => set(of.language, value))}
                    />
                  </label>
                  <input
                    type="range"
                    aria-label={`${w.limitOf} ${of.language}`}
                    min={rule.edges[0]}
                    max={rule.edges.at(-1)}
                    step={step(rule)}
                    value={limit ?? rule.edges[0]}
                    onInput={(event) => setNumber(event.currentTarget, (value) => set(of.language, value))}
                  />
                </>
              )}
            </figure>
          )
        })}
      </div>
      {!isReport && (
        <div class="columns">
          <Near snapshot={snapshot} rule={rule} near={limits.get(null) ?? usual} side="below" title={w.underLine} />
          <Near snapshot={snapshot} rule={rule} near={limits.get(null) ?? usual} side="above" title={w.overLine} />
        </div>
      )}
    </>
  )
}

function setNumber(input: HTMLInputElement, set: (value: number) => void): void {
  if (!Number.isNaN(input.valueAsNumber)) set(input.valueAsNumber)
}

function step({ edges }: Shown): number {
  const width = (edges.at(-1) ?? 1) - (edges[0] ?? 0)
  return 10 ** Math.floor(Math.log10(width / 200))
}

/** Asks again at every change of a limit; while a thumb is dragged, only the newest question is awaited. */
function useReplay(
  snapshot: string,
  changes: readonly { readonly rule: string; readonly language: string | null; readonly value: number }[],
): Asked<Replay> | null {
  const [asked, set] = useState<Asked<Replay> | null>(null)
  useEffect(() => {
    if (changes.length === 0) {
      set(null)
      return undefined
    }
    const stop = new AbortController()
    ask<Replay>('replay', { snapshot }, { changes }, stop.signal)
      .then((answer) => set({ state: 'there', answer }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) set({ state: 'failed', problem: error instanceof Problem ? error : new Problem(String(error), undefined) })
      })
    return () => stop.abort()
  }, [snapshot, changes])
  return asked
}

function Still({ replay }: { readonly replay: Replay }) {
  const { w, n } = useWords()
  const others = Object.entries(replay.stillDropped).toSorted(([, a], [, b]) => b - a)
  if (others.length === 0 && replay.stillDroppedElsewhere === 0) return null
  const said = others.map(([rule, count]) => `${rule} (${n(count)})`)
  if (replay.stillDroppedElsewhere > 0) said.push(`${w.elsewhere} (${n(replay.stillDroppedElsewhere)})`)
  return (
    <p class="quiet">
      {w.stillDropped} {said.slice(0, 8).join(', ')}
    </p>
  )
}

function Histogram({ rule, of, limit }: { readonly rule: Shown; readonly of: Shown['languages'][number]; readonly limit: number | null }) {
  const { w, n } = useWords()
  const options = useMemo((): Plot.PlotOptions => {
    const most = Math.max(...of.free.map((free, i) => free + (of.bound[i] ?? 0)))
    const bars = of.free.flatMap((free, i) => [
      { from: rule.edges[i], to: rule.edges[i + 1], documents: free, kind: 'free' },
      { from: rule.edges[i], to: rule.edges[i + 1], documents: of.bound[i] ?? 0, kind: 'bound' },
    ])
    return {
      width: 330,
      height: 140,
      marginLeft: 44,
      marginBottom: 38,
      x: { label: rule.measure, labelOffset: 36, ticks: 5, tickFormat: (value: number) => n(value, 3) },
      // Documents are whole: a tick between two of them says nothing.
      y: { label: null, ticks: Math.min(3, most), tickFormat: (value: number) => n(value), grid: true },
      marks: [
        Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'documents', fill: (bar: (typeof bars)[number]) => `var(--${bar.kind})` }),
        ...(limit === null ? [] : [Plot.ruleX([limit], { stroke: 'var(--ink)', strokeWidth: 2 })]),
      ],
    }
  }, [rule, of, limit, w])
  return <Chart options={options} label={`${rule.measure}, ${of.language}, ${w.limit} ${limit ?? w.off}`} />
}

function Near({
  snapshot,
  rule,
  near,
  side,
  title,
}: {
  readonly snapshot: string
  readonly rule: Shown
  readonly near: number
  readonly side: 'below' | 'above'
  readonly title: string
}) {
  const { w, n } = useWords()
  const asked = useAnswer<DocumentList>('documents', { snapshot, measure: rule.measure, near, side, limit: 15 })
  return (
    <section>
      <h2>{title}</h2>
      <When asked={asked}>
        {({ rows }) => (
          <Table
            name={title}
            head={[w.value, w.language, w.fate, 'URL']}
            rows={rows.map((row) => [
              n(row.value ?? NaN, 4),
              row.language,
              row.fate === 'kept' ? w.kept : row.fate,
              <a class="address" href={link('document', { snapshot, id: row.document })}>
                {row.url ?? row.document}
              </a>,
            ])}
          />
        )}
      </When>
    </section>
  )
}

function Propose({ snapshot, changes }: { readonly snapshot: string; readonly changes: readonly unknown[] }) {
  const { w } = useWords()
  const [asked, set] = useState<Asked<readonly Proposal[]> | null>(null)
  useEffect(() => set(null), [changes])
  if (changes.length === 0) return null
  const propose = () => {
    ask<readonly Proposal[]>('propose', { snapshot }, { changes })
      .then((answer) => set({ state: 'there', answer }))
      .catch((error: unknown) => set({ state: 'failed', problem: error instanceof Problem ? error : new Problem(String(error), undefined) }))
  }
  return (
    <section>
      <button type="button" onClick={propose}>
        {w.propose}
      </button>
      {asked !== null && (
        <When asked={asked}>
          {(proposals) => {
            const patch = proposals.map((proposal) => proposal.patch).join('')
            return (
              <>
                <p class="quiet">{w.proposed}</p>
                <pre tabIndex={0}>{patch}</pre>
                <a href={`data:text/x-patch;charset=utf-8,${encodeURIComponent(patch)}`} download="quern-limits.patch">
                  {w.download}
                </a>
              </>
            )
          }}
        </When>
      )}
    </section>
  )
}
