import type { PipelineDifference } from '../../src/audit/compare-pipelines.ts'
import { ask, useAnswer } from './ask.ts'
import { type Moved, MovesTable } from './moves-table.tsx'
import { Figures, link, type Place, When } from './parts.tsx'
import { useWords } from './words.ts'

/** What two pipelines say of the documents of a snapshot; nothing chosen stands for the rules that made it. */
export function ComparePipelines({ snapshot, query }: Place) {
  const { w } = useWords()
  const [before, after] = [query.get('before') ?? '', query.get('after') ?? '']
  const choose = (which: 'before' | 'after', value: string) => {
    location.hash = link('compare', { snapshot, what: 'pipelines', before, after, [which]: value })
  }
  return (
    <When asked={useAnswer<readonly string[]>('pipelines', {})}>
      {(files) =>
        files.length === 0 ? (
          <p class="quiet">{w.noPipelines}</p>
        ) : (
          <>
            <form class="filter" onSubmit={(event) => event.preventDefault()}>
              {(['before', 'after'] as const).map((which) => (
                <label key={which}>
                  {w[which]}
                  <select value={which === 'before' ? before : after} onChange={(event) => choose(which, event.currentTarget.value)}>
                    <option value="">{w.inForce}</option>
                    {files.map((name) => (
                      <option key={name} value={name}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
              ))}
            </form>
            {before === after ? <p class="quiet">{w.chooseTwo}</p> : <Difference snapshot={snapshot} before={before} after={after} />}
          </>
        )
      }
    </When>
  )
}

function Difference({ snapshot, before, after }: { readonly snapshot: string; readonly before: string; readonly after: string }) {
  const { w, n } = useWords()
  const verdict = (name: string) => (name === 'passes' ? w.passes : name)
  return (
    <When asked={useAnswer<PipelineDifference>('compare-pipelines', { snapshot, before, after })}>
      {({ enter, leave, otherwise, needsText, moves }) => (
        <>
          <Figures
            of={[
              [`${w.enter} (${w.exact})`, n(enter)],
              [`${w.leave} (${w.exact})`, n(leave)],
              [w.otherwise, n(otherwise)],
            ]}
          />
          {needsText.length > 0 && (
            <section class="notice">
              <p>{w.unsure}</p>
              <ul>
                {needsText.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </section>
          )}
          <MovesTable
            key={`${snapshot} ${before} ${after}`}
            head={[w.documents, w.from, w.to, w.language, w.bytes]}
            rows={moves.map((move) => ({
              move,
              cells: [move.documents, verdict(move.from), verdict(move.to), move.language === '' ? w.noLanguage : move.language, move.bytes],
              snapshot,
            }))}
            sample={(move) => ask<readonly Moved[]>('moved-verdict', { snapshot, before, after }, move)}
          />
        </>
      )}
    </When>
  )
}
