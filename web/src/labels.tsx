import { useEffect, useState } from 'preact/hooks'
import type { DocumentView } from '../../src/audit/document-view.ts'
import type { LabelBatch, LabelReport } from '../../src/audit/label-batch.ts'
import type { Label } from '../../src/audit/labels.ts'
import type { Interval } from '../../src/audit/estimates.ts'
import { ask, isReport, Problem, useAnswer } from './ask.ts'
import { Document } from './document.tsx'
import { Figures, type Place, Table, When } from './parts.tsx'
import { useWords, type Words } from './words.ts'

/** One key a label; the rest of the keyboard moves. */
const keys: readonly (readonly [string, Label['label'], keyof Words])[] = [
  ['k', 'good', 'goodLabel'],
  ['p', 'porn', 'pornLabel'],
  ['a', 'artefacts', 'artefactsLabel'],
  ['x', 'unnatural', 'unnaturalLabel'],
  ['l', 'wrong-language', 'wrongLanguageLabel'],
  ['s', 'should-be-kept', 'shouldBeKeptLabel'],
  ['d', 'rightly-dropped', 'rightlyDroppedLabel'],
  ['u', 'unsure', 'unsureLabel'],
]

export function LabelsPage({ snapshot }: Place) {
  const { w } = useWords()
  const [annotator, setAnnotator] = useState(localStorage.getItem('quern-annotator') ?? '')
  const [language, setLanguage] = useState('')
  const [seed, setSeed] = useState(1)
  const [batch, setBatch] = useState<LabelBatch | null>(null)
  const [problem, setProblem] = useState('')
  const draw = (event: SubmitEvent) => {
    event.preventDefault()
    localStorage.setItem('quern-annotator', annotator)
    setProblem('')
    ask<LabelBatch>('batch', { snapshot, language: language.split(/[\s,]+/).filter((code) => code !== ''), seed })
      .then(setBatch)
      .catch((error: unknown) => setProblem(error instanceof Problem ? error.message : String(error)))
  }
  return (
    <>
      <h1>{w.labels}</h1>
      <form class="filter" hidden={isReport} onSubmit={draw}>
        <label>
          {w.annotator}
          <input required value={annotator} onInput={(event) => setAnnotator(event.currentTarget.value)} />
        </label>
        <label>
          {w.languages} (de, fr …)
          <input value={language} onInput={(event) => setLanguage(event.currentTarget.value)} />
        </label>
        <label>
          {w.seed}
          <input type="number" value={seed} onInput={(event) => setSeed(event.currentTarget.valueAsNumber || 0)} />
        </label>
        <button type="submit">{w.draw}</button>
        <button type="button" onClick={() => void download()}>
          CSV
        </button>
      </form>
      {problem !== '' && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {batch === null ? <Report snapshot={snapshot} /> : <Batch key={batch.name} batch={batch} annotator={annotator} snapshot={snapshot} />}
    </>
  )
}

async function download(): Promise<void> {
  const address = URL.createObjectURL(new Blob([await ask<string>('labels.csv')], { type: 'text/csv' }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = 'quern-labels.csv'
  anchor.click()
  URL.revokeObjectURL(address)
}

function Batch({ batch, annotator, snapshot }: { readonly batch: LabelBatch; readonly annotator: string; readonly snapshot: string }) {
  const { w, n } = useWords()
  const [at, setAt] = useState(0)
  const [given, setGiven] = useState<ReadonlyMap<string, Label['label']>>(new Map())
  const [comment, setComment] = useState('')
  const [problem, setProblem] = useState('')
  const entry = batch.documents[at]
  const move = (to: number) => setAt(Math.max(0, Math.min(batch.documents.length - 1, to)))
  // What this person has said of the batch before, so that a browser that died goes on where it was.
  useEffect(() => {
    const resume = (labels: readonly Label[]): void => {
      const own = new Map(labels.filter((label) => label.annotator === annotator).map((label) => [label.document, label.label]))
      setGiven(own)
      const first = batch.documents.findIndex(({ document }) => !own.has(document))
      setAt(first === -1 ? 0 : first)
    }
    ask<readonly Label[]>('labels')
      .then(resume)
      .catch(() => undefined)
  }, [batch, annotator])
  const label = (which: Label['label']) => {
    if (entry === undefined) return
    const stored: Label = {
      document: entry.document,
      stratum: entry.stratum,
      label: which,
      comment,
      annotator,
      batch: batch.name,
      snapshot: batch.snapshot,
      at: new Date().toISOString(),
    }
    const acknowledged = (): void => {
      setProblem('')
      setGiven((before) => new Map(before).set(entry.document, which))
      setComment('')
      move(at + 1)
    }
    ask('labels', {}, { labels: [stored] })
      .then(acknowledged)
      .catch((error: unknown) => setProblem(error instanceof Problem ? error.message : String(error)))
  }
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement)
        return
      const found = keys.find(([key]) => key === event.key)
      if (event.key === 'ArrowRight' || event.key === 'n') move(at + 1)
      else if (event.key === 'ArrowLeft' || event.key === 'b') move(at - 1)
      else if (found !== undefined) label(found[1])
      else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
  if (entry === undefined) return <p>{w.nothingMoved}</p>
  const done = batch.documents.filter(({ document }) => given.has(document)).length
  return (
    <section>
      <p>
        {n(at + 1)} / {n(batch.documents.length)} · {n(done)} {w.labelled} · {entry.stratum}
      </p>
      <div class="labels" role="group" aria-label={w.labels}>
        <button type="button" onClick={() => move(at - 1)}>
          {w.previous} <kbd>b</kbd>
        </button>{' '}
        {keys.map(([key, name, title]) => (
          <>
            <button type="button" aria-pressed={given.get(entry.document) === name} onClick={() => label(name)}>
              {w[title]} <kbd>{key}</kbd>
            </button>{' '}
          </>
        ))}
        <button type="button" onClick={() => move(at + 1)}>
          {w.next} <kbd>n</kbd>
        </button>
      </div>
      <label class="field">
        {w.comment}
        <input value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </label>
      {problem !== '' && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <Shown id={entry.document} snapshot={snapshot} />
    </section>
  )
}

function Shown({ id, snapshot }: { readonly id: string; readonly snapshot: string }) {
  return <When asked={useAnswer<DocumentView>('document', { snapshot, id })}>{(view) => <Document key={id} view={view} snapshot={snapshot} />}</When>
}

function Report({ snapshot }: { readonly snapshot: string }) {
  const { w, n, percent } = useWords()
  const range = (of: Interval | null) => (of === null ? '–' : `${percent(of.estimate)} [${percent(of.low)}, ${percent(of.high)}]`)
  return (
    <section>
      <h2>{w.report}</h2>
      <When asked={useAnswer<Omit<LabelReport, 'alpha'> & { readonly alpha: number | null }>('label-report', { snapshot })}>
        {(report) => (
          <>
            <Figures
              of={[
                [w.labels, n(report.labels)],
                [w.annotator, report.annotators.join(', ') || '–'],
                [w.agreement, report.alpha === null ? '–' : n(report.alpha, 3)],
              ]}
            />
            <p class="quiet">{w.precisionNote}</p>
            <Table
              name={w.report}
              head={[w.language, w.rule, w.precision, w.recall]}
              rows={report.languages.flatMap(({ language, rules }) =>
                rules
                  .filter(({ precision }) => precision !== null)
                  .map(({ fate, precision, recall }) => [language === '' ? w.noLanguage : language, fate, range(precision), range(recall)]),
              )}
            />
          </>
        )}
      </When>
    </section>
  )
}
