import type { DocumentList } from '../../src/audit/document-list.ts'
import { useAnswer } from './ask.ts'
import { link, type Place, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

const fields = ['language', 'source', 'fate', 'host', 'measure', 'least', 'most', 'near', 'seed'] as const

export function DocumentsPage({ snapshot, query }: Place) {
  const { w, n } = useWords()
  const filter = Object.fromEntries(fields.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? '']] : [])))
  const asked = useAnswer<DocumentList>('documents', { snapshot, ...filter, limit: 100 })
  const titles: Readonly<Record<(typeof fields)[number], string>> = {
    language: w.language,
    source: w.source,
    fate: `${w.fate} (kept, dropped, stage/rule)`,
    host: w.host,
    measure: w.measure,
    least: w.least,
    most: w.most,
    near: w.near,
    seed: w.seed,
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    location.hash = link('documents', { snapshot, ...Object.fromEntries(fields.map((name) => [name, textOf(form.get(name))])) })
  }
  return (
    <>
      <h1>{w.documents}</h1>
      <form class="filter" onSubmit={submit} key={query.toString()}>
        {fields.map((name) => (
          <label key={name}>
            {titles[name]}
            <input name={name} defaultValue={query.get(name) ?? ''} size={name === 'fate' || name === 'host' || name === 'measure' ? 24 : 8} />
          </label>
        ))}
        <button type="submit">{w.search}</button>
      </form>
      <When asked={asked}>
        {({ matching, rows }) => (
          <>
            <p>
              {n(matching)} {w.matching}, {n(rows.length)} {w.shown}
            </p>
            <Table
              name={w.documents}
              head={['URL', w.language, w.source, w.fate, w.value, w.limit, w.bytes, w.tokens]}
              rows={rows.map((row) => [
                <a href={link('document', { snapshot, id: row.document })}>{row.url ?? row.document}</a>,
                row.language,
                row.source,
                <span class={row.fate === 'kept' ? 'kept' : 'dropped'}>{row.fate}</span>,
                row.value ?? row.measured,
                row.limit,
                row.bytes,
                row.tokens,
              ])}
            />
          </>
        )}
      </When>
    </>
  )
}

/** A field of a form is a text, or a file, which this form has none of. */
function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : ''
}
