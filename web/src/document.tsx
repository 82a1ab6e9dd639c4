import { useState } from 'preact/hooks'
import type { DocumentView } from '../../src/audit/document-view.ts'
import { useAnswer } from './ask.ts'
import { link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

export function DocumentPage({ snapshot, query }: Place) {
  const id = query.get('id') ?? ''
  return <When asked={useAnswer<DocumentView>('document', { snapshot, id })}>{(view) => <Document key={id} view={view} snapshot={snapshot} />}</When>
}

export function Document({ view, snapshot }: { readonly view: DocumentView; readonly snapshot: string }) {
  const { w, n } = useWords()
  const { story } = view
  const [shows, setShows] = useState<'text' | 'tokens' | 'original'>('text')
  return (
    <article>
      <h1 style={{ overflowWrap: 'anywhere' }}>{story.url ?? story.document}</h1>
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
      <p class="quiet">
        {[story.document, story.ledger['language'], story.ledger['source'], story.ledger['file'], story.ledger['date'], story.ledger['rights']]
          .filter((part) => typeof part === 'string' && part !== '')
          .join(' · ')}
      </p>
      <p>
        <button type="button" aria-pressed={shows === 'original'} onClick={() => setShows(shows === 'original' ? 'text' : 'original')}>
          {w.showOriginal}
        </button>{' '}
        <button type="button" aria-pressed={shows === 'tokens'} onClick={() => setShows(shows === 'tokens' ? 'text' : 'tokens')}>
          {w.showTokens}
        </button>
      </p>
      <div class={shows === 'original' ? 'columns' : undefined}>
        {shows === 'original' && <Original id={story.document} snapshot={snapshot} />}
        <section>
          <h2>{w.text}</h2>
          {view.text === null ? (
            <p class="quiet">{view.noText === 'suppressed' ? w.suppressed : w.notRetained}</p>
          ) : shows === 'tokens' ? (
            <Tokens id={story.document} snapshot={snapshot} text={view.text} />
          ) : (
            <div class="text" tabIndex={0} lang={typeof story.ledger['language'] === 'string' ? story.ledger['language'] : undefined} dir="auto">
              {view.text}
            </div>
          )}
        </section>
      </div>
      {view.diff !== null && (
        <section>
          <h2>{w.difference}</h2>
          <p class="quiet">
            <del>{w.onlySurvivor}</del> <ins>{w.onlyThis}</ins>
          </p>
          <div class="text" tabIndex={0} dir="auto">
            {view.diff.map((part, i) =>
              part.in === 'both' ? part.value : part.in === 'this' ? <ins key={i}>{part.value}</ins> : <del key={i}>{part.value}</del>,
            )}
          </div>
        </section>
      )}
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

/** The page as it came, in a frame that may run nothing and ask for nothing. */
function Original({ id, snapshot }: { readonly id: string; readonly snapshot: string }) {
  const { w } = useWords()
  const asked = useAnswer<{ readonly html?: string; readonly missing?: string }>('original', { snapshot, id })
  const closed = `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">`
  return (
    <section>
      <h2>{w.original}</h2>
      <When asked={asked}>
        {({ html, missing }) =>
          html === undefined ? <p class="quiet">{missing}</p> : <iframe title={w.original} sandbox="" srcdoc={closed + html} />
        }
      </When>
    </section>
  )
}

function Tokens({ id, snapshot, text }: { readonly id: string; readonly snapshot: string; readonly text: string }) {
  const { w } = useWords()
  const asked = useAnswer<{ readonly tokens: readonly (readonly [number, number])[] | null }>('tokens', { snapshot, id })
  return (
    <When asked={asked}>
      {({ tokens }) =>
        tokens === null ? (
          <p class="quiet">{w.noTokens}</p>
        ) : (
          <div class="text" tabIndex={0} dir="auto">
            {tokens.slice(0, 20_000).map(([end, token], i) => (
              <span key={i} class="token" title={String(token)}>
                {text.slice(i === 0 ? 0 : tokens[i - 1]![0], end)}
              </span>
            ))}
          </div>
        )
      }
    </When>
  )
}
