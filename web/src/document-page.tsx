import { useState } from 'preact/hooks'
import type { DocumentView } from '../../src/audit/document-view.ts'
import { useAnswer } from './ask.ts'
import { Document, documentKeys } from './document.tsx'
import { placeInList } from './document-place.ts'
import { type Given, Judging, KeyHelp, useMoveKeys } from './judging.tsx'
import { useKeys } from './keys.ts'
import { annotatorHere, AnnotatorField } from './annotator.tsx'
import { link, type Place, When } from './parts.tsx'
import { useWords } from './words.ts'

/** One document, with its neighbours in the list that it was chosen from, and a judgement by keys. */
export function DocumentPage({ snapshot, query }: Place) {
  const id = query.get('id') ?? ''
  return <Page key={id} id={id} snapshot={snapshot} />
}

function Page({ id, snapshot }: { readonly id: string; readonly snapshot: string }) {
  const { w, n } = useWords()
  const [annotator, setAnnotator] = useState(annotatorHere())
  const place = placeInList(id)
  const move = (by: number) => {
    const next = place?.of.ids[place.at + by]
    if (next !== undefined) location.hash = link('document', { snapshot, id: next })
  }
  const back = () => {
    if (place !== undefined) location.hash = place.of.address
  }
  useKeys({ Escape: back })
  useMoveKeys(move)
  return (
    <When asked={useAnswer<DocumentView>('document', { snapshot, id })}>
      {(view) => (
        <>
          <p>
            {place !== undefined && (
              <>
                {n(place.at + 1)} / {n(place.of.ids.length)} · <a href={place.of.address}>{w.back}</a> <kbd>Esc</kbd>
              </>
            )}
          </p>
          <KeyHelp more={[...documentKeys, ['Esc', 'keyList']]} />
          <details open={annotator !== ''} class="judge">
            <summary>{w.judge}</summary>
            <p class="quiet">{w.noSample}</p>
            <AnnotatorField annotator={annotator} onName={setAnnotator} />
          </details>
          <OwnJudging key={annotator} id={id} snapshot={snapshot} annotator={annotator} wasDropped={view.story.outcome !== 'kept'} onMove={move} />
          <Document view={view} snapshot={snapshot} />
        </>
      )}
    </When>
  )
}

interface Own {
  readonly id: string
  readonly snapshot: string
  readonly annotator: string
  readonly wasDropped: boolean
  readonly onMove: (by: number) => void
}

/** With what this person said of the document before. */
function OwnJudging({ id, snapshot, annotator, wasDropped, onMove }: Own) {
  const [said, setSaid] = useState<Given | undefined>(undefined)
  const asked = useAnswer<{ readonly label: Given | null }>('own-label', { id, annotator })
  const stored = (label: Given) => {
    setSaid(label)
    onMove(1)
  }
  return (
    <When asked={asked}>
      {({ label }) => (
        <Judging
          annotator={annotator}
          document={id}
          batch=""
          snapshot={snapshot}
          given={said ?? label ?? undefined}
          wasDropped={wasDropped}
          onStored={stored}
          onMove={onMove}
        />
      )}
    </When>
  )
}
