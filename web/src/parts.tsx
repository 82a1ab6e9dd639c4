import type { ComponentChildren } from 'preact'
import type { Asked } from './ask.ts'
import { useWords } from './words.ts'

/** What an answer looks like while it is awaited, when it failed, and when it is there. */
export function When<T>({ asked, children }: { readonly asked: Asked<T>; readonly children: (answer: T) => ComponentChildren }) {
  const { w } = useWords()
  if (asked.state === 'waiting')
    return (
      <p class="quiet" role="status">
        {w.waiting}
      </p>
    )
  if (asked.state === 'failed')
    return (
      <div class="error" role="alert">
        <strong>{w.failed}</strong>
        <p lang="en">{asked.problem.message}</p>
        {asked.problem.remedy !== undefined && <p lang="en">{asked.problem.remedy}</p>}
      </div>
    )
  return <>{children(asked.answer)}</>
}

export function Figures({ of }: { readonly of: readonly (readonly [string, string])[] }) {
  return (
    <dl class="figures">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export type Cell = string | number | null | ComponentChildren

/** Numbers stand to the right, as they are given; a region with a name, so that the keyboard can scroll it. */
export function Table({
  name,
  head,
  rows,
}: {
  readonly name: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}) {
  const { w, n } = useWords()
  if (rows.length === 0) return <p class="quiet">{w.noRows}</p>
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table>
        <thead>
          <tr>
            {head.map((title, at) => (
              <th key={title} scope="col" class={isNumber(rows[0]?.[at]) ? 'n' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, at) => (
                <td key={at} class={isNumber(cell) ? 'n' : undefined}>
                  {typeof cell === 'number' ? n(cell, 3) : cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Counts, and what `percent` writes. */
function isNumber(cell: Cell): boolean {
  return typeof cell === 'number' || (typeof cell === 'string' && /^[\d.,]+\s?%$/.test(cell))
}

/** A sentence of a component, in which names of options stand between backticks. */
export function Says({ sentence }: { readonly sentence: string }) {
  return <>{sentence.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>
}

/** Addresses of this page: `#/rule?name=…`; the snapshot goes along. */
export function link(place: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
  const parameters = new URLSearchParams(given).toString()
  return `#/${place}${parameters === '' ? '' : `?${parameters}`}`
}

export interface Place {
  readonly snapshot: string
  readonly query: URLSearchParams
}
