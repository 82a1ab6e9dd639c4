import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import { type Story, textOfStory, whyDocument } from '../dataset/why.ts'
import { readEvidence } from '../rights/evidence.ts'
import type { Command, Terminal } from './command.ts'
import { snapshotOption, stringOption } from './dataset-options.ts'

const why: Command = {
  name: 'why',
  summary: 'Tell the whole story of one document: where it lies, or by which rule and limit it was dropped.',
  args: [
    { name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true },
    { name: 'document', summary: 'Id of 32 hex digits, or the URL as the source gave it.', required: true },
  ],
  options: [snapshotOption, { flags: '--json', summary: 'Print the story as one JSON object.' }],
  async run({ args, options }, terminal) {
    const [url, which] = args
    if (url === undefined || which === undefined) throw new QuernError('bad-usage', 'why needs a dataset and a document')
    const store = await openDataset(url)
    const { snapshot } = await readSnapshot(store, stringOption(options, 'snapshot'))
    const stories = await whyDocument(store, snapshot, which)
    // A page that was read on several nights has several rows; the kept one, or the newest, is the answer.
    const answer = stories.findLast((story) => story.outcome === 'kept') ?? stories.at(-1)
    terminal.json({ ...answer, others: stories.filter((story) => story !== answer) })
    if (terminal.asJson) return 0
    for (const [i, story] of stories.entries()) {
      if (stories.length > 1) terminal.print(`${i > 0 ? '\n' : ''}${i + 1} of ${stories.length}`)
      tell(story, terminal)
      if (story.survivor !== null) {
        const [survivor] = await whyDocument(store, snapshot, story.survivor)
        if (survivor?.url !== null && survivor !== undefined) line(terminal, 'survivor is', survivor.url)
      }
      const text = await textOfStory(store, snapshot, story)
      terminal.print('')
      terminal.print(text?.['text'] ?? (story.suppressed ? 'The text is suppressed and no longer given out.' : 'The text was not retained.'))
    }
    return 0
  },
}

function tell(story: Story, terminal: Terminal): void {
  const { ledger } = story
  line(terminal, 'document', story.document)
  line(terminal, 'url', story.url)
  line(terminal, 'from', `${ledger['source']}: ${ledger['file']}, ${ledger['length'] ?? '?'} bytes at ${ledger['offset'] ?? '?'}`)
  line(terminal, 'date', ledger['date'])
  line(terminal, 'language', ledger['language'])
  // The scores are measures of the language stage; a pipeline without it has neither.
  const guesses = [1, 2, 3]
    .filter((n) => typeof ledger[`language_${n}`] === 'string')
    .map((n) => `${ledger[`language_${n}`]} ${round(story.measures[n === 1 ? 'language_score_raw' : `language_score_raw_${n}`] ?? null)}`)
  line(terminal, 'model says', guesses.join(', ') || null)
  line(terminal, 'rights', ledger['rights'])
  line(terminal, 'policy', ledger['policy'])
  const evidence = readEvidence(String(ledger['rights_evidence'] ?? ''))
  for (const { protocol, use, value, place, line: at, agents, raw } of evidence ?? []) {
    const who = agents.length === 0 ? '' : ` to ${agents.slice(0, 5).join(', ')}${agents.length > 5 ? ` and ${agents.length - 5} more` : ''}`
    line(terminal, `  ${protocol}`, `${value} ${use}${who} (${place}${at === undefined ? '' : ` line ${at}`}): ${raw}`)
  }
  if (story.outcome === 'kept') {
    line(terminal, 'outcome', `kept, ${ledger['n_tokens'] ?? '?'} tokens of ${ledger['n_bytes'] ?? '?'} bytes`)
    if (typeof ledger['cut_bytes'] === 'number')
      line(terminal, 'cut', `${ledger['cut_bytes']} bytes by ${ledger['cut_by']}, most of them held by ${ledger['cut_from']}`)
    line(terminal, 'lies in', `${story.shard}, row ${story.row}`)
  } else {
    const numbers = story.measured === null ? '' : `: measured ${round(story.measured)}, limit ${story.limit === null ? 'none' : round(story.limit)}`
    line(terminal, 'outcome', `dropped by ${story.stage}/${story.rule}${numbers}`)
    const replaced = story.stage === 'url-duplicates' && story.rule === 'replaced'
    const similarity = story.similarity === null ? '' : `, similarity ${round(story.similarity)}`
    line(terminal, replaced ? 'newer version' : 'survivor', story.survivor === null ? null : `${story.survivor}${similarity}`)
    if (replaced) line(terminal, 'published', 'before: older snapshots still hold it')
  }
  if (typeof ledger['benchmark'] === 'string')
    line(terminal, 'evaluation set', `${ledger['benchmark']}, item ${story.measures['contaminated_item'] ?? '?'}`)
  if (story.suppressed) line(terminal, 'suppressed', 'yes: no reader gives it out')
  for (const [name, value] of Object.entries(story.measures)) line(terminal, name, round(value))
}

function line(terminal: Terminal, name: string, value: string | number | null | undefined): void {
  if (value !== null && value !== undefined) terminal.print(`${name.padEnd(24)} ${value}`)
}

function round(value: string | number | null | undefined): string {
  return typeof value === 'number' ? `${Number(value.toPrecision(5))}` : String(value ?? '?')
}

export default why
