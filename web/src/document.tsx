import { useEffect, useState } from 'preact/hooks'
import type { Cut } from '../../src/audit/cuts.ts'
import type { DocumentView } from '../../src/audit/document-view.ts'
import type { Missing } from '../../src/audit/original.ts'
import { useAnswer } from './ask.ts'
import { useKeys } from './keys.ts'
import { link, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

type Shows = 'text' | 'tokens' | 'original' | 'cuts'

/** For the help of pages that show documents. */
export const documentKeys = [
  ['o', 'keyOriginal'],
  ['v', 'keyCuts'],
  ['t', 'keyTokens'],
] as const

/** All that is known of a document. What needs its archive or tokenizer is asked for when it is wanted. */
export function Document({ view, snapshot }: { readonly view: DocumentView; readonly snapshot: string }) {
  const { w, n } = useWords()
  const { story } = view
  const [shows, setShows] = useState<Shows>('text')
  const toggle = (what: Shows) => () => setShows((now) => (now === what ? 'text' : what))
  const views = [
    ['original', w.showOriginal, 'o'],
    ['cuts', w.showCuts, 'v'],
    ['tokens', w.showTokens, 't'],
  ] as const
  useKeys(Object.fromEntries(views.map(([what, , key]) => [key, toggle(what)])))
  const language = typeof story.ledger['language'] === 'string' ? story.ledger['language'] : undefined
  return (
    <article>
      <h1 style={{ overflowWrap: 'anywhere' }}>{story.url ?? story.document}</h1>
      <Outcome view={view} snapshot={snapshot} />
      <p class="quiet">
        {[story.document, language, story.ledger['source'], story.ledger['file'], story.ledger['date'], story.ledger['rights']]
          .filter((part) => typeof part === 'string' && part !== '')
          .join(' · ')}
      </p>
      <p>
        {views.map(([what, title, key]) => (
          <>
            <button type="button" aria-pressed={shows === what} aria-keyshortcuts={key} onClick={toggle(what)}>
              {title} <kbd>{key}</kbd>
            </button>{' '}
          </>
        ))}
      </p>
      <div class={shows === 'original' || shows === 'cuts' ? 'columns' : undefined}>
        {shows === 'original' && <Original id={story.document} snapshot={snapshot} language={language} />}
        {shows === 'cuts' && <Cuts id={story.document} snapshot={snapshot} />}
        <section>
          <h2>{w.text}</h2>
          {view.text === null ? (
            <p class="quiet">{view.noText === 'suppressed' ? w.suppressed : w.notRetained}</p>
          ) : shows === 'tokens' ? (
            <Tokens id={story.document} snapshot={snapshot} text={view.text} />
          ) : (
            <div class="text" tabIndex={0} role="region" aria-label={w.text} lang={language} dir="auto">
              {view.text}
            </div>
          )}
        </section>
      </div>
      <Difference view={view} />
      <h2>{w.measures}</h2>
      <Table
        name={w.measures}
        head={[w.rule, w.measure, w.value, '', w.limit]}
        rows={view.limits.map(({ rule, measure, value, side, limit, broken }) => [
          <a href={link('rule', { snapshot, name: rule })} class={broken ? 'dropped' : undefined}>
            {rule}
          </a>,
          measure,
          n(value, 4),
          side === 'below' ? '≥' : '≤',
          limit === null ? w.off : n(limit, 4),
        ])}
      />
      <Surroundings view={view} snapshot={snapshot} />
      <details>
        <summary>{w.story}</summary>
        <Table
          name={w.story}
          head={['', '']}
          rows={[...Object.entries(story.ledger), ...Object.entries(story.measures)]
            .filter(([, value]) => value !== null && value !== '')
            .map(([name, value]) => [name, String(value)])}
        />
      </details>
    </article>
  )
}

function Outcome({ view, snapshot }: { readonly view: DocumentView; readonly snapshot: string }) {
  const { w, n } = useWords()
  const { story } = view
  const { cut_bytes: cutBytes, cut_by: cutBy, cut_from: cutFrom } = story.ledger
  return (
    <>
      <p>
        <span class={story.outcome === 'kept' ? 'kept' : 'dropped'}>
          {story.outcome === 'kept' ? w.kept : `${w.dropped}: ${story.stage}/${story.rule}`}
        </span>
        {story.measured !== null &&
          !Number.isNaN(story.measured) &&
          ` · ${n(story.measured, 4)}${story.limit === null ? '' : ` (${w.limit} ${n(story.limit, 4)})`}`}
        {story.survivor !== null && (
          <>
            {` · ${w.survivor} `}
            <a href={link('document', { snapshot, id: story.survivor })}>{view.survivorUrl ?? story.survivor}</a>
            {story.similarity === null ? '' : ` (${n(story.similarity, 3)})`}
          </>
        )}
      </p>
      {typeof cutBytes === 'number' && cutBytes > 0 && (
        <p>
          {w.cutFromKept}: {n(cutBytes)} {w.cutBy} {String(cutBy)}{' '}
          {typeof cutFrom === 'string' && <a href={link('document', { snapshot, id: cutFrom })}>{cutFrom}</a>}
        </p>
      )}
    </>
  )
}

function Difference({ view }: { readonly view: DocumentView }) {
  const { w } = useWords()
  if (view.story.survivor === null) return null
  return (
    <section>
      <h2>{w.difference}</h2>
      {view.diff === null ? (
        <p class="quiet">{w.noDifference}</p>
      ) : (
        <>
          <p class="quiet">
            <del>{w.onlySurvivor}</del> <ins>{w.onlyThis}</ins>
          </p>
          <div class="text" tabIndex={0} role="region" aria-label={w.difference} dir="auto">
            {view.diff.map((part, i) =>
              part.in === 'both' ? part.value : part.in === 'this' ? <ins key={i}>{part.value}</ins> : <del key={i}>{part.value}</del>,
            )}
          </div>
        </>
      )}
    </section>
  )
}

/** Rights and duplicates, where there are any. */
function Surroundings({ view, snapshot }: { readonly view: DocumentView; readonly snapshot: string }) {
  const { w, n } = useWords()
  return (
    <>
      {view.rights.length > 0 && (
        <section>
          <h2>
            {w.rightsEvidence}: {String(view.story.ledger['rights'])} ({String(view.story.ledger['policy'])})
          </h2>
          <Table
            name={w.rightsEvidence}
            head={[w.protocol, w.place, w.agents, w.use, w.says, w.statement]}
            rows={view.rights.map(({ protocol, place, agents, use, value, line, raw }) => [
              protocol,
              line === undefined ? place : `${place}:${line}`,
              agents.join(', '),
              use,
              value,
              <code>{raw}</code>,
            ])}
          />
        </section>
      )}
      {view.duplicates.count > 0 && (
        <section>
          <h2>
            {w.duplicates}: {n(view.duplicates.count)}
          </h2>
          <Table
            name={w.duplicates}
            head={['URL', w.rule, w.similarity]}
            rows={view.duplicates.rows.map(({ document, url, rule, similarity }) => [
              <a href={link('document', { snapshot, id: document })}>{url ?? document}</a>,
              rule,
              similarity,
            ])}
          />
        </section>
      )}
    </>
  )
}

function Gone({ missing, detail }: { readonly missing: Missing; readonly detail: string }) {
  const { w } = useWords()
  return (
    <p class="quiet">
      {w[`missing-${missing}`]} {detail}
    </p>
  )
}

type OriginalAnswer = { readonly html: string } | { readonly plain: string } | { readonly missing: Missing; readonly detail: string }

/** The page as it came, in a frame that may run nothing and ask for nothing. */
function Original({ id, snapshot, language }: { readonly id: string; readonly snapshot: string; readonly language: string | undefined }) {
  const { w } = useWords()
  const asked = useAnswer<OriginalAnswer>('original', { snapshot, id })
  // Who has clicked into the frame has its keyboard: keys are the page's again when the mouse comes back to it.
  useEffect(() => {
    const comeBack = () => document.activeElement instanceof HTMLIFrameElement && document.activeElement.blur()
    addEventListener('mousemove', comeBack)
    return () => removeEventListener('mousemove', comeBack)
  }, [])
  // A link opens nothing: a window of its own is what the sandbox forbids, and the frame keeps the page.
  const closed = `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'"><base target="_blank">`
  return (
    <section>
      <h2>{w.original}</h2>
      <When asked={asked}>
        {(answer) =>
          'missing' in answer ? (
            <Gone {...answer} />
          ) : 'html' in answer ? (
            <iframe title={w.original} sandbox="" srcdoc={closed + answer.html} />
          ) : (
            <div class="text" tabIndex={0} role="region" aria-label={w.original} lang={language} dir="auto">
              {answer.plain}
            </div>
          )
        }
      </When>
    </section>
  )
}

function Cuts({ id, snapshot }: { readonly id: string; readonly snapshot: string }) {
  const { w } = useWords()
  const asked = useAnswer<{ readonly cuts: readonly Cut[] } | { readonly missing: Missing; readonly detail: string }>('cuts', { snapshot, id })
  return (
    <section>
      <h2>{w.cuts}</h2>
      <When asked={asked}>
        {(answer) =>
          'missing' in answer ? (
            <Gone {...answer} />
          ) : answer.cuts.length === 0 ? (
            <p class="quiet">{w.nothingCut}</p>
          ) : (
            <>
              <p class="quiet">
                <del>{w.cutLegend}</del> <ins>{w.addedLegend}</ins>
              </p>
              {answer.cuts.map(({ stage, parts }) => (
                <section key={stage}>
                  <h3>{stage === '' ? w.cutLater : `${w.cutBy} ${stage}`}</h3>
                  {parts === null ? (
                    <p class="quiet">{w.tooDifferent}</p>
                  ) : (
                    <div class="text" tabIndex={0} role="region" aria-label={`${w.cuts}: ${stage}`} dir="auto">
                      {parts.map((part, i) =>
                        part.in === 'both' ? part.value : part.in === 'added' ? <ins key={i}>{part.value}</ins> : <del key={i}>{part.value}</del>,
                      )}
                    </div>
                  )}
                </section>
              ))}
            </>
          )
        }
      </When>
    </section>
  )
}

const mostTokens = 20_000

function Tokens({ id, snapshot, text }: { readonly id: string; readonly snapshot: string; readonly text: string }) {
  const { w, n } = useWords()
  const asked = useAnswer<{ readonly tokens: readonly (readonly [number, number])[] | null }>('tokens', { snapshot, id })
  return (
    <When asked={asked}>
      {({ tokens }) =>
        tokens === null ? (
          <p class="quiet">{w.noTokens}</p>
        ) : (
          <>
            <p class="quiet">
              {n(tokens.length)} {w.tokens}
              {tokens.length > mostTokens && `, ${n(mostTokens)} ${w.shown}`}
            </p>
            <div class="text" tabIndex={0} role="region" aria-label={w.tokens} dir="auto">
              {tokens.slice(0, mostTokens).map(([end, token], i) => (
                <span key={i} class="token" title={String(token)}>
                  {text.slice(i === 0 ? 0 : tokens[i - 1]![0], end)}
                </span>
              ))}
            </div>
          </>
        )
      }
    </When>
  )
}
