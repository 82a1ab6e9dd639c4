import { useState } from 'preact/hooks'
import type { DocumentView } from '../../src/audit/document-view.ts'
import type { Reading } from '../../src/audit/judge-documents.ts'
import type { OwnBatch } from '../../src/audit/label-batch.ts'
import { useAnswer } from './ask.ts'
import { Document, documentKeys } from './document.tsx'
import { type Given, Judging, KeyHelp, useMoveKeys } from './judging.tsx'
import { useKeys } from './keys.ts'
import { link, When } from './parts.tsx'
import { useWords } from './words.ts'

export function LabelBatchPage({ name, annotator }: { readonly name: string; readonly annotator: string }) {
  return <When asked={useAnswer<OwnBatch>('batch', { name, annotator })}>{(batch) => <Batch key={name} batch={batch} annotator={annotator} />}</When>
}

function Batch({ batch, annotator }: { readonly batch: OwnBatch; readonly annotator: string }) {
  const { w, n } = useWords()
  // What this person has said before: a browser that died goes on where it was.
  const [given, setGiven] = useState<ReadonlyMap<string, Given>>(() => new Map(batch.given.map((label) => [label.document, label])))
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      batch.documents.findIndex(({ document }) => !given.has(document)),
    ),
  )
  const entry = batch.documents[at]
  const move = (by: number) => setAt((from) => Math.max(0, Math.min(batch.documents.length - 1, from + by)))
  useMoveKeys(move)
  const snapshot = String(batch.snapshot)
  if (entry === undefined) return <p>{w.noBatches}</p>
  const stored = (label: Given) => {
    setGiven((before) => new Map(before).set(entry.document, label))
    move(1)
  }
  const own = given.get(entry.document)
  return (
    <section>
      <h1>
        {n(at + 1)} / {n(batch.documents.length)} · {n(given.size)} {w.labelled}
      </h1>
      <p class="quiet">
        {batch.role === 'second' ? w.roleSecond : batch.blind ? w.roleBlind : ''} <a href={link('labels')}>{w.backToLabels}</a>
      </p>
      {given.size === batch.documents.length && <p role="status">{w.finished}</p>}
      <KeyHelp more={batch.blind ? [['w', 'keyWhole']] : documentKeys} />
      {batch.blind ? (
        <>
          <Judging
            key={entry.document}
            annotator={annotator}
            document={entry.document}
            batch={batch.name}
            snapshot={snapshot}
            given={own}
            wasDropped={false}
            onStored={stored}
            onMove={move}
          />
          {own !== undefined && batch.role === 'first' && (
            <p>
              <a href={link('document', { snapshot, id: entry.document })}>{w.whatHappened}</a>
            </p>
          )}
          <Blind key={`${entry.document} text`} id={entry.document} snapshot={snapshot} />
        </>
      ) : (
        <Open key={entry.document} id={entry.document} snapshot={snapshot}>
          {(wasDropped) => (
            <Judging
              annotator={annotator}
              document={entry.document}
              batch={batch.name}
              snapshot={snapshot}
              given={own}
              wasDropped={wasDropped}
              onStored={stored}
              onMove={move}
            />
          )}
        </Open>
      )}
    </section>
  )
}

function Open({
  id,
  snapshot,
  children,
}: {
  readonly id: string
  readonly snapshot: string
  readonly children: (wasDropped: boolean) => preact.ComponentChildren
}) {
  return (
    <When asked={useAnswer<DocumentView>('document', { snapshot, id })}>
      {(view) => (
        <>
          {children(view.story.outcome !== 'kept')}
          <Document view={view} snapshot={snapshot} />
        </>
      )}
    </When>
  )
}

/** As HPLT's annotators see it: a short text whole, of a long one its beginning, middle and end. */
const shown = 1500
const piece = 500

function Blind({ id, snapshot }: { readonly id: string; readonly snapshot: string }) {
  const { w, languageName } = useWords()
  const [whole, setWhole] = useState(false)
  useKeys({ w: () => setWhole(!whole) })
  return (
    <When asked={useAnswer<Reading>('reading', { snapshot, id })}>
      {({ language, text, noText }) => (
        <article>
          <p>
            {w.judgedAs}: <strong>{language === '' ? w.noLanguage : languageName(language)}</strong>
            {text !== null && text.length > shown && (
              <>
                {' · '}
                <button type="button" aria-pressed={whole} aria-keyshortcuts="w" onClick={() => setWhole(!whole)}>
                  {whole ? w.shortText : w.wholeText} <kbd>w</kbd>
                </button>{' '}
                {!whole && <span class="quiet">{w.excerpt}</span>}
              </>
            )}
          </p>
          {text === null ? (
            <p class="quiet">{noText === 'suppressed' ? w.suppressed : w.notRetained}</p>
          ) : (
            <div class="text" tabIndex={0} role="region" aria-label={w.text} lang={language === '' ? undefined : language} dir="auto">
              {whole || text.length <= shown
                ? text
                : piecesOf(text).map((part, i) => (
                    <>
                      {i > 0 && <hr />}
                      {part}
                    </>
                  ))}
            </div>
          )}
        </article>
      )}
    </When>
  )
}

/** Half a character at an edge would be shown as a question mark. */
function piecesOf(text: string): readonly string[] {
  const middle = Math.floor((text.length - piece) / 2)
  return [text.slice(0, piece), text.slice(middle, middle + piece), text.slice(-piece)].map((part) =>
    part.replaceAll(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, ''),
  )
}
