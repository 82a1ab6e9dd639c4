import { useState } from 'preact/hooks'
import { isReport, type Problem } from './ask.ts'
import { type Cell, link, Table } from './parts.tsx'
import { useWords } from './words.ts'

export interface Moved {
  readonly document: string
  readonly url: string | null
}

interface Row<Move> {
  readonly move: Move
  readonly cells: readonly Cell[]
  /** Where its documents are to be looked at; nothing stands for the newest snapshot. */
  readonly snapshot: string
}

/** More kinds of move than anybody reads. */
const most = 200

/** Who moved, most documents first, with some documents of each on demand. */
export function MovesTable<Move extends { readonly from: string; readonly to: string; readonly language: string }>({
  head,
  rows,
  sample,
}: {
  readonly head: readonly string[]
  readonly rows: readonly Row<Move>[]
  readonly sample: (move: Move) => Promise<readonly Moved[]>
}) {
  const { w, n } = useWords()
  const [samples, setSamples] = useState<ReadonlyMap<number, readonly Moved[]>>(new Map())
  const [problem, setProblem] = useState('')
  const show = (i: number, move: Move) => {
    sample(move)
      .then((found) => setSamples((before) => new Map(before).set(i, found)))
      .catch((error: Problem) => setProblem(error.message))
  }
  return (
    <section>
      <h2>{w.moved}</h2>
      {problem !== '' && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {rows.length === 0 ? (
        <p class="quiet">{w.nothingMoved}</p>
      ) : (
        <Table
          name={w.moved}
          head={[...head, ...(isReport ? [] : [w.samples])]}
          rows={rows.slice(0, most).map(({ move, cells, snapshot }, i) => [
            ...cells,
            ...(isReport
              ? []
              : [
                  samples.has(i) ? (
                    <ul class="samples">
                      {samples.get(i)?.map(({ document, url }) => (
                        <li key={document}>
                          <a href={link('document', { snapshot, id: document })}>{url ?? document}</a>
                        </li>
                      ))}
                    </ul>
                  ) : (
                    <button type="button" onClick={() => show(i, move)} aria-label={`${w.show}: ${move.from} → ${move.to}, ${move.language}`}>
                      {w.show}
                    </button>
                  ),
                ]),
          ])}
        />
      )}
      {rows.length > most && <p class="quiet">{`${n(most)} / ${n(rows.length)}`}</p>}
    </section>
  )
}
