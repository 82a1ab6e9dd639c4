import type { Agreement, LabelReport } from '../../src/audit/label-report.ts'
import type { Interval } from '../../src/audit/estimates.ts'
import { problemNames } from '../../src/audit/label-names.ts'
import { useAnswer } from './ask.ts'
import { Figures, link, Table, When } from './parts.tsx'
import { useWords } from './words.ts'

/** JSON has no NaN. */
type Shown = Omit<LabelReport, 'agreement'> & { readonly agreement: readonly (Omit<Agreement, 'alpha'> & { readonly alpha: number | null })[] }

export function LabelReportView({ snapshot }: { readonly snapshot: string }) {
  const { w, n, percent, languageName } = useWords()
  const range = (of: Interval | null) => (of === null ? '–' : `${percent(of.estimate)} [${percent(of.low)}, ${percent(of.high)}]`)
  const nameOf = (language: string | null) => (language === null ? w.allLanguages : language === '' ? w.noLanguage : languageName(language))
  return (
    <section>
      <h2>{w.report}</h2>
      <When asked={useAnswer<Shown>('label-report', { snapshot })}>
        {(report) => (
          <>
            <Figures
              of={[
                [w.allLabels, n(report.labels)],
                [w.counted, n(report.counted)],
                [w.annotators, report.annotators.join(', ') || '–'],
              ]}
            />
            <p class="quiet">{w.precisionNote}</p>
            <Table
              name={w.report}
              head={[w.language, w.rule, w.labelled, w.documents, w.precision, w.recall]}
              rows={report.languages.flatMap(({ language, rules }) =>
                rules
                  .filter(({ precision }) => precision !== null)
                  .map(({ fate, labelled, documents, precision, recall }) => [
                    nameOf(language),
                    <a href={link('rule', { snapshot, name: fate })}>{fate}</a>,
                    labelled,
                    documents,
                    range(precision),
                    range(recall),
                  ]),
              )}
            />
            <h3>{w.keptTitle}</h3>
            <Table
              name={w.keptTitle}
              head={[w.language, w.labelled, w.documents, w.bad, ...problemNames.map((name) => w[name])]}
              rows={report.languages.flatMap(({ language, kept, keptDocuments, keptLabelled }) =>
                kept === null
                  ? []
                  : [[nameOf(language), keptLabelled, keptDocuments, range(kept.bad), ...problemNames.map((name) => range(kept[name]))]],
              )}
            />
            <h3>{w.agreement}</h3>
            <p class="quiet">{w.agreementNote}</p>
            <Table
              name={w.agreement}
              head={[w.language, w.question, w.documents, w.alike, w.alpha]}
              rows={report.agreement.map(({ language, question, documents, alike, alpha }) => [
                nameOf(language),
                w[question],
                documents,
                percent(alike),
                alpha === null ? '–' : n(alpha, 3),
              ])}
            />
          </>
        )}
      </When>
    </section>
  )
}
