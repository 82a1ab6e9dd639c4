import * as Plot from '@observablehq/plot'
import { useMemo } from 'preact/hooks'
import type { LanguagesView } from '../../src/audit/language-view.ts'
import { useAnswer } from './ask.ts'
import { Chart } from './chart.tsx'
import { link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

export function LanguagesPage({ snapshot }: Place) {
  const { w } = useWords()
  return (
    <>
      <h1>{w.languages}</h1>
      <When asked={useAnswer<LanguagesView>('languages', { snapshot })}>{(view) => <Shown view={view} snapshot={snapshot} />}</When>
    </>
  )
}

function Shown({ view, snapshot }: { readonly view: LanguagesView; readonly snapshot: string }) {
  const { w, n, percent } = useWords()
  const all = view.languages.reduce((sum, { tokens }) => sum + tokens, 0)
  const scores = useMemo((): Plot.PlotOptions => {
    const bars = view.scores.map(({ language, bin, documents }) => ({ language, from: bin / 20, to: (bin + 1) / 20, documents }))
    return {
      width: 900,
      height: 60 + new Set(bars.map(({ language }) => language)).size * 34,
      marginLeft: 60,
      marginBottom: 44,
      x: { label: w.scores, labelOffset: 40, domain: [0, 1], tickFormat: (value: number) => n(value, 1) },
      y: { axis: null },
      fy: { label: null },
      marks: [
        Plot.rectY(bars, Plot.normalizeY('max', { x1: 'from', x2: 'to', y: 'documents', fy: 'language', fill: 'var(--free)' })),
        Plot.ruleY([0]),
      ],
    }
  }, [view, w])
  return (
    <>
      <Table
        name={w.languages}
        head={[w.language, w.read, w.kept, w.tokens, w.share, w.fertility, w.bytes]}
        rows={view.languages.map(({ language, read, kept, tokens, bytes, fertility }) => [
          <a href={link('documents', { snapshot, language })}>{language === '' ? w.noLanguage : language}</a>,
          read,
          kept,
          tokens,
          percent(all === 0 ? 0 : tokens / all),
          fertility,
          bytes,
        ])}
      />
      {view.scores.length > 0 && (
        <>
          <h2>{w.scores}</h2>
          <Chart options={scores} label={w.scores} />
        </>
      )}
      <div class="columns">
        <section>
          <h2>{w.confusions}</h2>
          <Table
            name={w.confusions}
            head={[w.language, w.runnerUp, w.documents, w.kept]}
            rows={view.confusions.map(({ first, second, documents, kept }) => [
              <a href={link('documents', { snapshot, language: first, measure: 'language_margin', near: '0' })}>{first}</a>,
              second,
              documents,
              kept,
            ])}
          />
          <h2>{w.licences}</h2>
          <Table
            name={w.licences}
            head={['', w.documents, w.tokens]}
            rows={view.licences.map(({ licence, documents, tokens }) => [licence, documents, tokens])}
          />
          <h2>{w.rights}</h2>
          <Table
            name={w.rights}
            head={['', w.documents]}
            rows={view.rights.map(({ rights, documents }) => [rights === '' ? '–' : rights, documents])}
          />
        </section>
        <section>
          <h2>{w.hosts}</h2>
          <Table
            name={w.hosts}
            head={[w.language, w.host, w.documents, w.kept]}
            rows={view.hosts.map(({ code, host, documents, kept }) => [
              code === '' ? w.noLanguage : code,
              <a href={link('documents', { snapshot, host })}>{host}</a>,
              documents,
              kept,
            ])}
          />
        </section>
      </div>
    </>
  )
}
