import { resolveFile } from '../config/pipeline-file.ts'
import type { Encoder } from '../core/component.ts'
import { QuernError } from '../core/errors.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import type { RulesJson } from './keys.ts'
import { registry } from './registry.ts'

/**
 * The encoder that the shards of a snapshot were made with, for a command that has no pipeline file: a dataset knows its
 * tokenizer's name, settings and hash, and not where its file lies. Another tokenizer than that is `bad-usage`.
 */
export async function openSnapshotEncoder(rules: RulesJson, { tokenizer }: Snapshot, file: string | undefined): Promise<Encoder> {
  const stage = rules.stages.find(({ phase }) => phase === 'press')
  const component = registry.stages[stage?.use ?? '']
  if (stage === undefined || component?.phase !== 'press') throw new TypeError('the rules of the snapshot have no stage that makes tokens')
  const remedy = 'Name its file with --tokenizer, or let no duplicate come in with --no-promote.'
  const act = 'duplicates can come in for what is erased, and their tokens are made with the tokenizer of the dataset'
  if (file === undefined) throw new QuernError('bad-usage', `${act}, ${tokenizer.name}`, { remedy })
  const encoder = await component.open(stage.config, { file: () => resolveFile(file, process.cwd()), language: () => undefined })
  if (encoder.facts.sha256 !== tokenizer.sha256) throw new QuernError('bad-usage', `${act}, ${tokenizer.name}; ${file} is another one`, { remedy })
  return encoder
}
