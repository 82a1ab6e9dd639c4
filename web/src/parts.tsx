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
        <p>{asked.problem.message}</p>
        {asked.problem.remedy !== undefined && <p>{asked.problem.remedy}</p>}
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
  const { n } = useWords()
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, at) => (
                <td key={at} class={typeof cell === 'number' ? 'n' : undefined}>
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
