import { useState } from 'preact/hooks'
import type { Move, SnapshotDifference } from '../../src/audit/compare-snapshots.ts'
import { ask, isReport, useAnswer } from './ask.ts'
import { Figures, link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

interface Moved {
  readonly document: string
  readonly url: string | null
}

export function ComparePage({ query, snapshots }: Place & { readonly snapshots: readonly number[] }) {
  const { w } = useWords()
  const after = query.get('after') ?? String(snapshots[0] ?? '')
  const before = query.get('before') ?? String(snapshots[1] ?? snapshots[0] ?? '')
  const choose = (which: 'before' | 'after', value: string) => {
    location.hash = link('compare', { before, after, [which]: value })
  }
  return (
    <>
      <h1>{w.compare}</h1>
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
      <When asked={useAnswer<SnapshotDifference>('compare', { before, after })}>
        {(difference) => <Difference key={`${before} ${after}`} difference={difference} before={before} after={after} />}
      </When>
    </>
  )
}

function Difference({ difference, before, after }: { readonly difference: SnapshotDifference; readonly before: string; readonly after: string }) {
  const { w, n } = useWords()
  const [samples, setSamples] = useState<ReadonlyMap<number, readonly Moved[]>>(new Map())
  const pair = ([was, is]: readonly [number, number]) => `${n(was)} → ${n(is)} (${is < was ? '' : '+'}${n(is - was)})`
  const changed = (table: Readonly<Record<string, readonly [number, number]>>) =>
    Object.entries(table)
      .filter(([, [was, is]]) => was !== is)
      .toSorted(([, a], [, b]) => Math.abs(b[1] - b[0]) - Math.abs(a[1] - a[0]))
      .map(([name, [was, is]]) => [name, was, is, is - was] as const)
  const show = (i: number, move: Move) => {
    ask<readonly Moved[]>('moved', { before, after }, move)
      .then((found) => setSamples(new Map(samples).set(i, found)))
      .catch(() => undefined)
  }
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
      <h2>{w.moved}</h2>
      {difference.moves.length === 0 ? (
        <p class="quiet">{w.nothingMoved}</p>
      ) : (
        <Table
          name={w.moved}
          head={[w.documents, w.from, w.to, w.language, w.source, '']}
          rows={difference.moves.slice(0, 200).map((move, i) => [
            move.documents,
            move.from,
            move.to,
            move.language === '' ? w.noLanguage : move.language,
            move.source,
            isReport ? null : samples.has(i) ? (
              <ul>
                {samples.get(i)?.map(({ document, url }) => (
                  <li key={document}>
                    <a href={link('document', { snapshot: move.to === 'absent' ? before : after, id: document })}>{url ?? document}</a>
                  </li>
                ))}
              </ul>
            ) : (
              <button type="button" onClick={() => show(i, move)} aria-label={`${w.documents}: ${move.from} → ${move.to}, ${move.language}`}>
                {w.documents}
              </button>
            ),
          ])}
        />
      )}
    </>
  )
}
