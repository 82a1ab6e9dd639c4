import { useRef, useState } from 'preact/hooks'
import { problemNames, type ProblemName } from '../../src/audit/label-names.ts'
import type { Judgement } from '../../src/audit/labels.ts'
import { ask, Problem } from './ask.ts'
import { useKeys } from './keys.ts'
import { useWords, type Words } from './words.ts'

const verdictKeys = { k: 'keep', d: 'drop', u: 'unsure' } as const
const problemKeys: Readonly<Record<ProblemName, string>> = { porn: 'p', artefacts: 'a', unnatural: 'x', 'wrong-language': 'l' }

export type Given = Pick<Judgement, 'verdict' | 'problems' | 'comment'>

interface Draft {
  readonly problems: readonly ProblemName[]
  readonly comment: string
}

/** What was marked and written and not yet stored outlives the page. */
function draftKey(annotator: string, document: string): string {
  return `quern-draft ${annotator} ${document}`
}

function readDraft(annotator: string, document: string, given: Given | undefined): Draft {
  const kept = localStorage.getItem(draftKey(annotator, document))
  return kept === null ? { problems: given?.problems ?? [], comment: given?.comment ?? '' } : (JSON.parse(kept) as Draft)
}

/** The keys to the neighbours. For the page, not for the judgement, which may still wait for what was said before. */
export function useMoveKeys(onMove: (by: number) => void): void {
  useKeys({ n: () => onMove(1), ArrowRight: () => onMove(1), b: () => onMove(-1), ArrowLeft: () => onMove(-1) })
}

/**
 * Marks, judgement and comment for one document, by keys or buttons. The parent gives it a `key` for each document. A
 * judgement counts when the server has answered that it is stored; until then it stays here.
 */
export function Judging({
  annotator,
  document,
  batch,
  snapshot,
  given,
  wasDropped,
  onStored,
  onMove,
}: {
  readonly annotator: string
  readonly document: string
  readonly batch: string
  readonly snapshot: string
  readonly given: Given | undefined
  /** Known only where the person may know it. */
  readonly wasDropped: boolean
  readonly onStored: (given: Given) => void
  readonly onMove: (by: number) => void
}) {
  const { w } = useWords()
  const [draft, setDraft] = useState(() => readDraft(annotator, document, given))
  // Keys may come faster than the page is drawn: what counts is in here, `draft` only shows it.
  const latest = useRef(draft)
  const sending = useRef(false)
  const [problem, setProblem] = useState('')
  const comment = useRef<HTMLInputElement>(null)
  const change = (next: Draft) => {
    localStorage.setItem(draftKey(annotator, document), JSON.stringify(next))
    latest.current = next
    setDraft(next)
  }
  const mark = (name: ProblemName) =>
    change({ ...latest.current, problems: problemNames.filter((one) => (one === name) !== latest.current.problems.includes(one)) })
  const judge = (verdict: Given['verdict']) => {
    if (sending.current) return
    if (annotator === '') {
      setProblem(w.needsName)
      return
    }
    sending.current = true
    const { problems, comment: said } = latest.current
    const stored = (): void => {
      localStorage.removeItem(draftKey(annotator, document))
      setProblem('')
      sending.current = false
      onStored({ verdict, problems: [...problems], comment: said })
    }
    const failed = (error: unknown): void => {
      sending.current = false
      setProblem(`${w.notStored} ${error instanceof Problem ? error.message : ''}`)
    }
    ask('labels', { snapshot }, { judgements: [{ document, verdict, problems, comment: said, annotator, batch }] }).then(stored, failed)
  }
  useKeys({
    c: () => comment.current?.focus(),
    ...Object.fromEntries(Object.entries(verdictKeys).map(([key, verdict]) => [key, () => judge(verdict)])),
    ...Object.fromEntries(problemNames.map((name) => [problemKeys[name], () => mark(name)])),
  })
  const titles: Readonly<Record<Given['verdict'], string>> = {
    keep: wasDropped ? w.keepDropped : w.keepVerdict,
    drop: w.dropVerdict,
    unsure: w.unsureVerdict,
  }
  return (
    <div class="labels">
      <div role="group" aria-label={w.problemsQuestion}>
        <span class="quiet">{w.problemsQuestion}</span>{' '}
        {problemNames.map((name) => (
          <Key key={name} name={w[name]} press={problemKeys[name]} pressed={draft.problems.includes(name)} onPress={() => mark(name)} />
        ))}
      </div>
      <div role="group" aria-label={w.verdictQuestion}>
        <span class="quiet">{w.verdictQuestion}</span>{' '}
        {Object.entries(verdictKeys).map(([key, verdict]) => (
          <Key key={key} name={titles[verdict]} press={key} pressed={given?.verdict === verdict} onPress={() => judge(verdict)} />
        ))}
      </div>
      <div>
        <label class="field">
          <span>
            {w.comment} <kbd>c</kbd>
          </span>
          <input
            ref={comment}
            value={draft.comment}
            maxLength={2000}
            onInput={(event) => change({ ...latest.current, comment: event.currentTarget.value })}
            onKeyDown={(event) => (event.key === 'Enter' || event.key === 'Escape') && event.currentTarget.blur()}
          />
        </label>
        <button type="button" onClick={() => onMove(-1)}>
          {w.previous} <kbd>b</kbd>
        </button>{' '}
        <button type="button" onClick={() => onMove(1)}>
          {w.next} <kbd>n</kbd>
        </button>
        {given !== undefined && <span class="quiet"> {w.storedLabel}</span>}
      </div>
      {problem !== '' && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

function Key(of: { readonly name: string; readonly press: string; readonly pressed: boolean; readonly onPress: () => void }) {
  return (
    <>
      <button type="button" aria-pressed={of.pressed} aria-keyshortcuts={of.press} onClick={of.onPress}>
        {of.name} <kbd>{of.press}</kbd>
      </button>{' '}
    </>
  )
}

/** All keys in words; open by `?` or its button. */
export function KeyHelp({ more = [] }: { readonly more?: readonly (readonly [string, keyof Words])[] }) {
  const { w } = useWords()
  const [open, setOpen] = useState(false)
  useKeys({ '?': () => setOpen(!open) })
  const all: readonly (readonly [string, string])[] = [
    [problemNames.map((name) => problemKeys[name]).join(' '), w.keyMark],
    [Object.keys(verdictKeys).join(' '), w.keyJudge],
    ['c', w.keyComment],
    ['n →', w.keyNext],
    ['b ←', w.keyPrevious],
    ...more.map(([key, name]) => [key, w[name]] as const),
  ]
  return (
    <details class="keys" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {w.keys} <kbd>?</kbd>
      </summary>
      <dl>
        {all.map(([keys, says]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <>
                  <kbd>{key}</kbd>{' '}
                </>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">{w.problemsHelp}</p>
    </details>
  )
}
