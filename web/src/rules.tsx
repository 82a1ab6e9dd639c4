import { useAnswer } from './ask.ts'
import { link, type Place, Says, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

export interface RuleLine {
  readonly name: string
  readonly stage: string
  readonly says: string
  readonly measure: string
  readonly dropped: number
}

export function RulesPage({ snapshot }: Place) {
  const { w } = useWords()
  return (
    <>
      <h1>{w.rules}</h1>
      <When asked={useAnswer<readonly RuleLine[]>('rules', { snapshot })}>
        {(rules) => (
          <Table
            name={w.rules}
            head={[w.rule, '', w.measure, w.dropped]}
            rows={rules.map(({ name, says, measure, dropped }) => [
              <a href={link('rule', { snapshot, name })}>{name}</a>,
              <span lang="en">
                <Says sentence={says} />
              </span>,
              measure,
              dropped,
            ])}
          />
        )}
      </When>
    </>
  )
}
