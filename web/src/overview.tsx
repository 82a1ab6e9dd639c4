import * as Plot from '@observablehq/plot'
import { useMemo } from 'preact/hooks'
import type { Overview } from '../../src/audit/overview.ts'
import { isReport, useAnswer } from './ask.ts'
import { Chart } from './chart.tsx'
import { Figures, link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

export function OverviewPage({ snapshot }: Place) {
  const { w } = useWords()
  return (
    <>
      <h1>{w.overview}</h1>
      <When asked={useAnswer<Overview>('overview', { snapshot })}>{(overview) => <Shown overview={overview} snapshot={snapshot} />}</When>
    </>
  )
}

function Shown({ overview, snapshot }: { readonly overview: Overview; readonly snapshot: string }) {
  const { w, n, percent } = useWords()
  const heat = useMemo(() => heatMap(overview, w.noLanguage, w.source, w.language), [overview, w])
  return (
    <>
      <Figures
        of={[
          [w.snapshot, `${overview.version} (${overview.createdAt.slice(0, 16).replace('T', ' ')} UTC)`],
          ['Pipeline', overview.pipeline],
          [w.read, n(overview.read)],
          [w.kept, `${n(overview.kept)} (${percent(overview.kept / Math.max(1, overview.read))})`],
          [w.tokens, n(overview.tokens)],
        ]}
      />
      <h2>{w.funnel}</h2>
      <Table
        name={w.funnel}
        head={[w.stage, w.rule, w.dropped, w.share, w.left]}
        rows={overview.funnel.map(({ stage, rule, dropped, left }) => [
          stage,
          <Dropped snapshot={snapshot} fate={`${stage}/${rule}`} name={rule} />,
          dropped,
          percent(dropped / Math.max(1, overview.read)),
          left,
        ])}
      />
      <h2>{w.dropRates}</h2>
      <p class="quiet">{w.dropRatesNote}</p>
      <Chart options={heat} label={w.dropRates} />
      <h2>{w.shifts}</h2>
      {overview.shifts.length === 0 ? (
        <p class="quiet">{w.noShifts}</p>
      ) : (
        <Table
          name={w.shifts}
          head={[w.language, w.rule, w.before, w.after, w.read]}
          rows={overview.shifts.map(({ language, rule, before, after, read }) => [
            language === '' ? w.noLanguage : language,
            <Dropped snapshot={snapshot} fate={rule} language={language} name={rule} />,
            percent(before),
            percent(after),
            read,
          ])}
        />
      )}
    </>
  )
}

/** A rule's name, leading to what it dropped; a report to hand on holds no documents. */
function Dropped({
  snapshot,
  fate,
  language,
  name,
}: {
  readonly snapshot: string
  readonly fate: string
  readonly language?: string
  readonly name: string
}) {
  return isReport ? <>{name}</> : <a href={link('documents', { snapshot, fate, language })}>{name}</a>
}

function heatMap(overview: Overview, none: string, source: string, language: string): Plot.PlotOptions {
  const cells = overview.cells.map((cell) => ({ ...cell, language: cell.language === '' ? none : cell.language, rate: 1 - cell.kept / cell.read }))
  const sources = new Set(cells.map((cell) => cell.source))
  return {
    marginLeft: 70,
    marginBottom: 60,
    width: Math.min(1300, 160 + sources.size * 90),
    height: 60 + new Set(cells.map((cell) => cell.language)).size * 20,
    padding: 0.06,
    x: { label: source, tickRotate: sources.size > 6 ? -30 : 0 },
    y: { label: language },
    color: { type: 'linear', domain: [0, 1], scheme: 'oranges', legend: false },
    marks: [
      Plot.cell(cells, {
        x: 'source',
        y: 'language',
        fill: 'rate',
        title: (d: (typeof cells)[number]) => `${d.language}, ${d.source}: ${d.read - d.kept} / ${d.read}`,
      }),
      Plot.text(cells, {
        x: 'source',
        y: 'language',
        text: (d: (typeof cells)[number]) => `${Math.round(d.rate * 100)}`,
        fill: (d: (typeof cells)[number]) => (d.rate > 0.6 ? 'white' : 'black'),
      }),
    ],
  }
}
