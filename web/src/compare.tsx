import { useEffect, useState } from 'preact/hooks'
import type { ComparedSoFar } from '../../src/audit/routes.ts'
import { ask, type Asked, isReport, Problem } from './ask.ts'
import { ComparePipelines } from './compare-pipelines.tsx'
import { type Moved, MovesTable } from './moves-table.tsx'
import { Figures, link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

/** Two snapshots, or what two pipelines say of the documents of one. */
export function ComparePage({ snapshot, query, snapshots }: Place & { readonly snapshots: readonly number[] }) {
  const { w } = useWords()
  const pipelines = query.get('what') === 'pipelines' && !isReport
  return (
    <>
      <h1>{w.compare}</h1>
      {!isReport && (
        <nav class="kinds" aria-label={w.compare}>
          <a href={link('compare', { snapshot })} aria-current={pipelines ? undefined : 'page'}>
            {w.twoSnapshots}
          </a>
          <a href={link('compare', { snapshot, what: 'pipelines' })} aria-current={pipelines ? 'page' : undefined}>
            {w.twoPipelines}
          </a>
        </nav>
      )}
      {pipelines ? <ComparePipelines snapshot={snapshot} query={query} /> : <CompareSnapshots query={query} snapshots={snapshots} />}
    </>
  )
}

function CompareSnapshots({ query, snapshots }: { readonly query: URLSearchParams; readonly snapshots: readonly number[] }) {
  const { w } = useWords()
  const after = query.get('after') ?? String(snapshots[0] ?? '')
  const before = query.get('before') ?? String(snapshots[1] ?? snapshots[0] ?? '')
  const choose = (which: 'before' | 'after', value: string) => {
    location.hash = link('compare', { before, after, [which]: value })
  }
  return (
    <>
      <form class="filter" hidden={isReport} onSubmit={(event) => event.preventDefault()}>
        {(['before', 'after'] as const).map((which) => (
          <label key={which}>
            {w[which]}
            <select value={which === 'before' ? before : after} onChange={(event) => choose(which, event.currentTarget.value)}>
              {snapshots.map((version) => (
                <option key={version} value={version}>
                  {version}
                </option>
              ))}
            </select>
          </label>
        ))}
      </form>
      <When asked={useComparison(before, after)}>
        {(difference) => <Difference key={`${before} ${after}`} difference={difference} before={before} after={after} />}
      </When>
    </>
  )
}

/** Asks again until it is known who moved; totals are shown meanwhile. */
function useComparison(before: string, after: string): Asked<ComparedSoFar> {
  const key = `${before} ${after}`
  const [asked, set] = useState<{ readonly key: string; readonly now: Asked<ComparedSoFar> }>({ key, now: { state: 'waiting' } })
  useEffect(() => {
    const stop = new AbortController()
    const follow = async (): Promise<void> => {
      let answer: ComparedSoFar
      do {
        answer = await ask<ComparedSoFar>('compare', { before, after, ...(isReport ? {} : { patience }) }, undefined, stop.signal)
        set({ key, now: { state: 'there', answer } })
      } while (answer.moves === null)
    }
    follow().catch((error: unknown) => {
      if (!stop.signal.aborted)
        set({ key, now: { state: 'failed', problem: error instanceof Problem ? error : new Problem(String(error), undefined) } })
    })
    return () => stop.abort()
  }, [key])
  return asked.key === key ? asked.now : { state: 'waiting' }
}

/** Milliseconds until the server says how far it is. */
const patience = 600

function Difference({ difference, before, after }: { readonly difference: ComparedSoFar; readonly before: string; readonly after: string }) {
  const { w, n } = useWords()
  const pair = ([was, is]: readonly [number, number]) => `${n(was)} → ${n(is)} (${is < was ? '' : '+'}${n(is - was)})`
  const changed = (table: Readonly<Record<string, readonly [number, number]>>) =>
    Object.entries(table)
      .filter(([, [was, is]]) => was !== is)
      .toSorted(([, a], [, b]) => Math.abs(b[1] - b[0]) - Math.abs(a[1] - a[0]))
      .map(([name, [was, is]]) => [name, was, is, is - was] as const)
  const languages = Object.fromEntries(Object.entries(difference.languages).map(([code, { tokens }]) => [code, tokens]))
  return (
    <>
      <Figures
        of={[
          [w.read, pair(difference.read)],
          [w.kept, pair(difference.kept)],
          [w.tokens, pair(difference.tokens)],
        ]}
      />
      <div class="columns">
        <section>
          <h2>{w.rules}</h2>
          <Table name={w.rules} head={[w.rule, w.before, w.after, '±']} rows={changed(difference.rules)} />
        </section>
        <section>
          <h2>
            {w.languages}, {w.tokens}
          </h2>
          <Table name={w.languages} head={[w.language, w.before, w.after, '±']} rows={changed(languages)} />
        </section>
      </div>
      {difference.moves === null ? (
        <p role="status">
          {w.comparing} {n(difference.rows)}
        </p>
      ) : (
        <MovesTable
          key={`${before} ${after}`}
          head={[w.documents, w.from, w.to, w.language, w.source]}
          rows={difference.moves.map((move) => ({
            move,
            cells: [move.documents, move.from, move.to, move.language === '' ? w.noLanguage : move.language, move.source],
            snapshot: move.to === 'absent' ? before : after,
          }))}
          sample={(move) => ask<readonly Moved[]>('moved', { before, after }, move)}
        />
      )}
    </>
  )
}
