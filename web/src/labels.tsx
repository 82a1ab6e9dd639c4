import { useState } from 'preact/hooks'
import type { BatchLine } from '../../src/audit/label-batch.ts'
import { ask, isReport, Problem, saveFile, useAnswer } from './ask.ts'
import { annotatorHere, AnnotatorField } from './annotator.tsx'
import { LabelBatchPage } from './label-batch.tsx'
import { LabelReportView } from './label-report.tsx'
import { link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

export function LabelsPage({ snapshot, query }: Place) {
  const name = query.get('batch') ?? ''
  return name !== '' && annotatorHere() !== '' ? <LabelBatchPage name={name} annotator={annotatorHere()} /> : <AllLabels snapshot={snapshot} />
}

function AllLabels({ snapshot }: { readonly snapshot: string }) {
  const { w } = useWords()
  const [annotator, setAnnotator] = useState(annotatorHere())
  const [problem, setProblem] = useState('')
  const failed = (error: unknown) => setProblem(error instanceof Problem ? error.message : String(error))
  return (
    <>
      <h1>{w.labels}</h1>
      {!isReport && (
        <>
          <AnnotatorField annotator={annotator} onName={setAnnotator} />
          <Draw snapshot={snapshot} annotator={annotator} onProblem={failed} />
          {problem !== '' && (
            <p class="error" role="alert">
              {problem}
            </p>
          )}
          <Batches annotator={annotator} />
          <p>
            {w.exportLabels}:{' '}
            {(['csv', 'parquet'] as const).map((kind) => (
              <>
                <button type="button" onClick={() => void saveFile(`labels.${kind}`, `quern-labels.${kind}`).catch(failed)}>
                  {kind === 'csv' ? 'CSV' : 'Parquet'}
                </button>{' '}
              </>
            ))}
          </p>
        </>
      )}
      <LabelReportView snapshot={snapshot} />
    </>
  )
}

interface DrawProps {
  readonly snapshot: string
  readonly annotator: string
  readonly onProblem: (error: unknown) => void
}

function Draw({ snapshot, annotator, onProblem }: DrawProps) {
  const { w } = useWords()
  const [languages, setLanguages] = useState('')
  const [seed, setSeed] = useState(1)
  const [size, setSize] = useState(200)
  const [second, setSecond] = useState(25)
  const [blind, setBlind] = useState(true)
  const [drawing, setDrawing] = useState(false)
  const draw = (event: SubmitEvent) => {
    event.preventDefault()
    if (annotator === '') {
      onProblem(w.needsName)
      return
    }
    setDrawing(true)
    const request = { languages: languages.split(/[\s,]+/).filter((code) => code !== ''), seed, size, second: second / 100, annotator, blind }
    const drawn = ({ name }: { readonly name: string }) => {
      location.hash = link('labels', { snapshot, batch: name })
    }
    ask<{ readonly name: string }>('draw', { snapshot }, request)
      .then(drawn, onProblem)
      .finally(() => setDrawing(false))
  }
  const number = (set: (value: number) => void) => (event: preact.TargetedInputEvent<HTMLInputElement>) => set(event.currentTarget.valueAsNumber || 0)
  return (
    <>
      <h2>{w.drawTitle}</h2>
      <form class="filter" onSubmit={draw}>
        <label>
          {w.batchLanguages}
          <input value={languages} onInput={(event) => setLanguages(event.currentTarget.value)} />
        </label>
        <label>
          {w.batchSize}
          <input type="number" min={1} max={2000} value={size} onInput={number(setSize)} />
        </label>
        <label>
          {w.seed}
          <input type="number" min={0} value={seed} onInput={number(setSeed)} />
        </label>
        <label>
          {w.secondShare}
          <input type="number" min={0} max={100} value={second} onInput={number(setSecond)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={blind} onChange={(event) => setBlind(event.currentTarget.checked)} /> {w.blindFirst}
        </label>
        <button type="submit" disabled={drawing}>
          {drawing ? w.waiting : w.draw}
        </button>
      </form>
    </>
  )
}

function Batches({ annotator }: { readonly annotator: string }) {
  const { w, n, time } = useWords()
  return (
    <>
      <h2>{w.batches}</h2>
      <When asked={useAnswer<readonly BatchLine[]>('batches', {})}>
        {(batches) =>
          batches.length === 0 ? (
            <p class="quiet">{w.noBatches}</p>
          ) : (
            <Table
              name={w.batches}
              head={[w.drawnFor, w.languages, w.snapshot, w.seed, w.documents, w.labelledBy, '']}
              rows={batches.map(({ name, snapshot, request, at, documents, second, empty, labelled }) => [
                <>
                  {request.annotator} <span class="quiet">{time(at)}</span>
                </>,
                request.languages.join(', ') || w.allLanguages,
                snapshot,
                request.seed,
                <>
                  {n(documents)}
                  {second > 0 && ` (${n(second)} ${w.second})`}
                  {empty > 0 && (
                    <span class="quiet">
                      {' '}
                      · {n(empty)} {w.emptyStrata}
                    </span>
                  )}
                </>,
                labelled.map((of) => `${of.annotator}: ${n(of.documents)}`).join(', ') || '–',
                annotator === '' ? (
                  w.needsName
                ) : annotator === request.annotator || second > 0 ? (
                  <a href={link('labels', { batch: name })}>{annotator === request.annotator ? w.open : w.openSecond}</a>
                ) : (
                  '–'
                ),
              ])}
            />
          )
        }
      </When>
    </>
  )
}
