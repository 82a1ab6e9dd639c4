import { resolve } from 'node:path'
import { loadPolicy, policyPath } from '../config/policy-file.ts'
import { openDataset } from '../dataset/format.ts'
import { replayRights, type RightsChange } from '../dataset/replay-rights.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import type { Command, Terminal } from './command.ts'
import { snapshotOption, stringOption } from './dataset-options.ts'

const rights: Command = {
  name: 'rights',
  summary: 'Decide about all documents by another rights policy, from the ledger alone: who would leave, who would enter, by language and source.',
  args: [{ name: 'dataset', summary: 'Path or URL of the dataset.', required: true }],
  options: [
    snapshotOption,
    { flags: '--policy <policy>', summary: 'A policy of Quern (default, strict) or a policy file; default: default.' },
    { flags: '--json', summary: 'Print one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const name = stringOption(options, 'policy') ?? 'default'
    const path = policyPath(name)
    const policy = await loadPolicy(path === name ? resolve(name) : name)
    const store = await openDataset(args[0] ?? '')
    const { snapshot } = await readSnapshot(store, stringOption(options, 'snapshot'))
    const { policies, undecided, denials, languages, sources, ...all } = await replayRights(store, snapshot, policy)
    terminal.json({ snapshot: snapshot.version, policy: policy.id, policies, undecided, ...all, denials, languages, sources })
    if (terminal.asJson) return 0
    terminal.print(`${policy.id} instead of ${policies.join(', ') || 'no policy'}`)
    if (undecided > 0) terminal.print(`${number(undecided)} documents were read without a rights stage: nothing is known of their signals.`)
    terminal.print('')
    terminal.print(row('', ['documents', 'allow', 'deny', 'unknown', 'leave', 'tokens', 'enter']))
    tell('all', all, terminal)
    for (const [source, change] of Object.entries(sources)) tell(source, change, terminal)
    for (const [language, change] of Object.entries(languages).sort(([, a], [, b]) => b.documents - a.documents)) tell(language, change, terminal)
    terminal.print('')
    for (const [protocol, documents] of Object.entries(denials).sort(([, a], [, b]) => b - a))
      terminal.print(`denied by ${protocol}: ${number(documents)}`)
    if (all.enter > 0) terminal.print('What would enter must still pass the stages behind rights; a run by the new policy reads it again.')
    return 0
  },
}

export default rights

function tell(name: string, { documents, after, leave, tokensLeaving, enter }: RightsChange, terminal: Terminal): void {
  terminal.print(row(name, [documents, after.allow, after.deny, after.unknown, leave, tokensLeaving, enter].map(number)))
}

const row = (name: string, cells: readonly string[]): string => `${name.padEnd(16)}${cells.map((cell) => cell.padStart(14)).join('')}`

const number = (value: number): string => value.toLocaleString('en')
