import { useEffect, useState } from 'preact/hooks'
import type { DocumentList } from '../../src/audit/document-list.ts'
import type { FoundDocument, SearchAnswer } from '../../src/audit/document-search.ts'
import { useAnswer } from './ask.ts'
import { rememberList } from './document-place.ts'
import { useKeys } from './keys.ts'
import { type Cell, link, type Place, Table, When } from './parts.tsx'
import type { RuleLine } from './rules.tsx'
import { useWords } from './words.ts'

const fields = ['words', 'language', 'source', 'fate', 'host', 'where', 'rule', 'measure', 'near', 'side', 'seed'] as const
type Filter = Readonly<Partial<Record<(typeof fields)[number], string>>>

export function DocumentsPage({ snapshot, query }: Place) {
  const { w } = useWords()
  const filter: Filter = Object.fromEntries(fields.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? '']] : [])))
  return (
    <>
      <h1>{w.documents}</h1>
      <Form key={query.toString()} snapshot={snapshot} filter={filter} />
      {filter.words === undefined ? (
        <Listed snapshot={snapshot} filter={filter} />
      ) : (
        <Searched key={query.toString()} snapshot={snapshot} filter={filter} />
      )}
    </>
  )
}

function Form({ snapshot, filter }: { readonly snapshot: string; readonly filter: Filter }) {
  const { w } = useWords()
  const rules = useAnswer<readonly RuleLine[]>('rules', { snapshot })
  const known = rules.state === 'there' ? rules.answer : []
  const asked = useAnswer<Readonly<Record<string, string>>>('measures', { snapshot })
  const measures = asked.state === 'there' ? Object.entries(asked.answer) : []
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    location.hash = link('documents', { snapshot, ...Object.fromEntries(fields.map((name) => [name, textOf(form.get(name))])) })
  }
  const input = (
    name: (typeof fields)[number],
    title: string,
    size: number,
    more: { readonly list?: string; readonly 'aria-describedby'?: string } = {},
  ) => (
    <label>
      {title}
      <input type="text" name={name} defaultValue={filter[name] ?? ''} size={size} {...more} />
    </label>
  )
  return (
    <form class="filter" onSubmit={submit}>
      {input('words', w.words, 30, { 'aria-describedby': 'words-help' })}
      {input('language', w.language, 5)}
      {input('source', w.source, 10)}
      {input('fate', w.fate, 24, { list: 'fates' })}
      {input('host', w.host, 18)}
      {input('where', w.where, 26, { 'aria-describedby': 'where-help' })}
      <label>
        {w.nearLimit}
        <select name="rule" key={known.length}>
          <option value="">–</option>
          {known.map(({ name }) => (
            <option key={name} value={name} selected={name === filter.rule}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {input('measure', w.measure, 16, { list: 'measures' })}
      {input('near', w.near, 6)}
      <label>
        {w.side}
        <select name="side">
          <option value="">{w.both}</option>
          <option value="below" selected={filter.side === 'below'}>
            {w.below}
          </option>
          <option value="above" selected={filter.side === 'above'}>
            {w.above}
          </option>
        </select>
      </label>
      {input('seed', w.seed, 5)}
      <button type="submit">{w.search}</button>
      <p class="quiet help">
        <span id="words-help">{w.wordsHelp}</span> <span id="where-help">{w.whereHelp}</span>
      </p>
      <datalist id="fates">
        {['kept', 'dropped', ...known.map(({ name }) => name)].map((name) => (
          <option key={name} value={name} label={name === 'kept' ? w.kept : name === 'dropped' ? w.dropped : undefined} />
        ))}
      </datalist>
      <datalist id="measures">
        {measures.map(([name]) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <details>
        <summary>{w.allMeasures}</summary>
        <Table name={w.allMeasures} head={[w.measure, '']} rows={measures.map(([name, meaning]) => [name, <span lang="en">{meaning}</span>])} />
      </details>
    </form>
  )
}

function Listed({ snapshot, filter }: { readonly snapshot: string; readonly filter: Filter }) {
  const { w, n } = useWords()
  return (
    <When asked={useAnswer<DocumentList>('documents', { snapshot, ...filter, limit: 100 })}>
      {({ matching, rows }) => (
        <>
          <p>
            {n(matching)} {matching === 1 ? w.matchingOne : w.matching}, {n(rows.length)} {w.shown}
          </p>
          <Rows snapshot={snapshot} rows={rows} />
        </>
      )}
    </When>
  )
}

/** Texts are searched for a few seconds at a time; what was found so far stays. */
function Searched({ snapshot, filter }: { readonly snapshot: string; readonly filter: Filter }) {
  const { w, n, bytes } = useWords()
  const [found, setFound] = useState<readonly FoundDocument[]>([])
  const [from, setFrom] = useState('')
  const [before, setBefore] = useState({ texts: 0, bytes: 0 })
  const asked = useAnswer<SearchAnswer>('search', { snapshot, ...filter, from, limit: 100 })
  const answer = asked.state === 'there' ? asked.answer : undefined
  const rows = [...found, ...(answer?.rows ?? [])]
  const on = () => {
    if (answer?.next === null || answer === undefined) return
    setFound(rows)
    setBefore({ texts: before.texts + answer.texts, bytes: before.bytes + answer.bytes })
    setFrom(answer.next)
  }
  return (
    <>
      <When asked={asked}>
        {(of) => (
          <p role="status">
            {w.found}: {n(rows.length)} · {n(before.texts + of.texts)} {w.searchedTexts} ({bytes(before.bytes + of.bytes)}), {n(of.filesDone)} /{' '}
            {n(of.files)} {w.textFiles}. {of.next === null ? w.searchedAll : w.searchedPart}
            {of.withoutText > 0 && ` ${n(of.withoutText)} ${w.withoutText}`}{' '}
            {of.next !== null && (
              <button type="button" onClick={on}>
                {w.searchOn}
              </button>
            )}
          </p>
        )}
      </When>
      {rows.length > 0 && <Rows snapshot={snapshot} rows={rows} />}
    </>
  )
}

function Rows({ snapshot, rows }: { readonly snapshot: string; readonly rows: DocumentList['rows'] | readonly FoundDocument[] }) {
  const { w } = useWords()
  useEffect(() => rememberList(rows.map(({ document }) => document)), [rows.length, rows[0]?.document])
  const first = rows[0]
  const open = (id: string) => link('document', { snapshot, id })
  useKeys({
    n: first === undefined ? undefined : () => (location.hash = open(first.document)),
  })
  const cells = (row: DocumentList['rows'][number] | FoundDocument): readonly Cell[] => [
    <>
      <a class="address" href={open(row.document)}>
        {row.url ?? row.document}
      </a>
      {'snippet' in row && (
        <div class="snippet" lang={row.language === '' ? undefined : row.language} dir="auto">
          {row.snippet.before}
          <mark>{row.snippet.found}</mark>
          {row.snippet.after}
        </div>
      )}
    </>,
    row.language,
    row.source,
    <span class={row.fate === 'kept' ? 'kept' : 'dropped'}>{row.fate === 'kept' ? w.kept : row.fate}</span>,
    row.value ?? row.measured,
    row.bound ?? row.limit,
    row.bytes,
    row.tokens,
  ]
  return (
    <>
      {first !== undefined && (
        <p>
          <a href={open(first.document)}>{w.startLabelling}</a> <kbd>n</kbd>
        </p>
      )}
      <Table name={w.documents} head={['URL', w.language, w.source, w.fate, w.value, w.limit, w.bytes, w.tokens]} rows={rows.map(cells)} />
    </>
  )
}

/** A field of a form is a text, or a file, which this form has none of. */
function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : ''
}
