import { diffWordsWithSpace } from 'diff'
import { QuernError } from '../core/errors.ts'
import { type DuplicateGroup, duplicateGroups, type GroupFilter } from '../dataset/duplicate-groups.ts'
import { openDataset } from '../dataset/format.ts'
import { readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { textOfStory, whyDocument } from '../dataset/why.ts'
import type { Store } from '../storage/store.ts'
import type { Command, Terminal } from './command.ts'
import { shellWord } from './next-steps.ts'
import { countOption, snapshotOption, stringOption } from './dataset-options.ts'

/** Texts are compared up to this many characters, and given up as too different after so many changes: a diff is quadratic. */
const mostCharacters = 200_000
const mostEdits = 4000

const duplicates: Command = {
  name: 'duplicates',
  summary: 'Show the largest groups of duplicates: the document that was kept, those dropped for it, how alike they are, and where they differ.',
  args: [{ name: 'dataset', summary: 'Path or URL of the dataset.', required: true }],
  options: [
    snapshotOption,
    { flags: '--source <name>', summary: 'Only documents dropped from this source.' },
    { flags: '--language <code>', summary: 'Only documents dropped in this language.' },
    { flags: '--top <n>', summary: 'How many groups, default: 10.' },
    { flags: '--members <n>', summary: 'How many members of each are listed, default: 5.' },
    { flags: '--diff <id>', summary: 'Compare this dropped document with its survivor, word by word.' },
    { flags: '--json', summary: 'Print one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const store = await openDataset(args[0] ?? '')
    const { snapshot } = await readSnapshot(store, stringOption(options, 'snapshot'))
    const document = stringOption(options, 'diff')
    if (document !== undefined) return compare(store, snapshot, document, terminal)
    const filter = { source: stringOption(options, 'source'), language: stringOption(options, 'language') }
    const top = countOption(options, 'top', '--top', 1, 10)
    const members = countOption(options, 'members', '--members', 0, 5)
    const found = await duplicateGroups(store, snapshot, filter, top, members)
    if (found.duplicates === 0) refuseUnknown(snapshot, filter)
    terminal.json({ snapshot: snapshot.version, duplicates: found.duplicates, groups: found.survivors, largest: found.groups })
    if (terminal.asJson) return 0
    terminal.print(`${found.duplicates.toLocaleString('en')} duplicates of ${found.survivors.toLocaleString('en')} kept documents`)
    for (const [i, group] of found.groups.entries()) tell(group, i + 1, terminal)
    const example = found.groups[0]?.members[0]
    if (example !== undefined) terminal.print(`\nWhere two differ: npx quern duplicates ${shellWord(args[0] ?? '')} --diff ${example.document}`)
    return 0
  },
}

export default duplicates

/** "None" must not be the answer to a typing error. */
function refuseUnknown({ version, totals }: Snapshot, filter: GroupFilter): void {
  for (const [what, name, known] of [
    ['source', filter.source, Object.keys(totals.bySource)],
    ['language', filter.language, Object.keys(totals.byLanguage)],
  ] as const)
    if (name !== undefined && !known.includes(name))
      throw new QuernError('not-found', `looking for duplicates: snapshot ${version} has no ${what} "${name}"`, {
        remedy: `It has: ${known.join(', ')}.`,
      })
}

function tell(group: DuplicateGroup, number: number, terminal: Terminal): void {
  terminal.print(`\n${number}. ${group.size.toLocaleString('en')} dropped for ${group.survivor} (${group.source}, ${group.language})`)
  if (group.url !== '') terminal.print(`   ${group.url}`)
  for (const { document, url, rule, similarity } of group.members) terminal.print(`     ${similarity.toFixed(3)}  ${document}  ${rule}  ${url}`)
  if (group.members.length > 0 && group.members.length < group.size)
    terminal.print(`     … and ${(group.size - group.members.length).toLocaleString('en')} more`)
}

/** Words of the survivor alone in [-…-], of the dropped document alone in {+…+}, as `wdiff` writes them. */
async function compare(store: Store, snapshot: Snapshot, document: string, terminal: Terminal): Promise<number> {
  const story = (await whyDocument(store, snapshot, document)).findLast(({ survivor }) => survivor !== null)
  if (story === undefined || story.survivor === null)
    throw new QuernError('not-found', `comparing ${document}: it was not dropped as a duplicate`, {
      remedy: 'Choose one that quern duplicates lists.',
    })
  const survivor = (await whyDocument(store, snapshot, story.survivor)).findLast(({ outcome }) => outcome === 'kept')
  const [kept, dropped] = await Promise.all(
    [survivor, story].map(async (one) => (one === undefined ? undefined : (await textOfStory(store, snapshot, one))?.['text'])),
  )
  if (kept === undefined || dropped === undefined)
    throw new QuernError(
      'not-found',
      `comparing ${document} with ${story.survivor}: the text of ${kept === undefined ? 'the survivor' : 'the dropped one'} is not there`,
      {
        remedy: 'Texts of dropped documents are there with output.retain-dropped: all; suppressed texts are not given out.',
      },
    )
  const cut = kept.length > mostCharacters || dropped.length > mostCharacters
  const changes = diffWordsWithSpace(kept.slice(0, mostCharacters), dropped.slice(0, mostCharacters), { maxEditLength: mostEdits })
  terminal.json({
    document,
    survivor: story.survivor,
    rule: `${story.stage}/${story.rule}`,
    similarity: story.similarity,
    truncated: cut,
    changes: changes?.map(({ value, added, removed }) => ({ [added ? 'dropped' : removed ? 'survivor' : 'both']: value })) ?? null,
  })
  if (terminal.asJson) return 0
  terminal.print(`[-…-] only in the survivor ${story.survivor}, {+…+} only in ${document}; similarity ${story.similarity?.toFixed(3) ?? 'unknown'}\n`)
  if (changes === undefined) terminal.print(`They differ in more than ${mostEdits} places.`)
  else terminal.print(changes.map(({ value, added, removed }) => (added ? `{+${value}+}` : removed ? `[-${value}-]` : value)).join(''))
  if (cut) terminal.print(`\n… compared up to ${mostCharacters.toLocaleString('en')} characters`)
  return 0
}
