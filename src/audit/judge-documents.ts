import { QuernError } from '../core/errors.ts'
import { textOfStory, whyDocument } from '../dataset/why.ts'
import type { Audited } from './audited.ts'
import { isBlind, readBatch } from './label-batch.ts'
import { addLabels, type Judgement, type Label } from './labels.ts'

/** A document for a person who must not see what became of it. */
export interface Reading {
  readonly document: string
  /** As which it was judged; '' when as none. */
  readonly language: string
  readonly text: string | null
  /** Why there is no text. */
  readonly noText: 'suppressed' | 'not-retained' | null
}

export async function readingOf({ store, snapshot }: Audited, document: string): Promise<Reading> {
  const stories = await whyDocument(store, snapshot, document)
  const story = stories.findLast(({ outcome }) => outcome === 'kept') ?? stories.at(-1)!
  const text = (await textOfStory(store, snapshot, story))?.['text'] ?? null
  const language = story.ledger['language']
  return {
    document,
    language: typeof language === 'string' ? language : '',
    text,
    noText: text !== null ? null : story.suppressed ? 'suppressed' : 'not-retained',
  }
}

/** Adds to judgements what the dataset knows, and stores them before it returns. */
export async function storeJudgements({ store, snapshot }: Audited, judgements: readonly Judgement[]): Promise<void> {
  const at = new Date().toISOString()
  const labels = judgements.map(async (judgement): Promise<Label> => {
    if (judgement.batch === '') {
      const story = (await whyDocument(store, snapshot, judgement.document)).at(-1)!
      const language = story.ledger['language']
      const fate = story.outcome === 'kept' ? 'kept' : `${story.stage}/${story.rule}`
      return { ...judgement, snapshot: snapshot.version, language: typeof language === 'string' ? language : '', fate, blind: false, at }
    }
    const batch = await readBatch(store, judgement.batch)
    const drawn = batch.documents.find(({ document }) => document === judgement.document)
    if (drawn === undefined)
      throw new QuernError('bad-usage', `storing a label: batch ${batch.name} has no document ${judgement.document}`, {
        remedy: 'Open the batch again.',
      })
    return {
      ...judgement,
      snapshot: batch.snapshot,
      language: drawn.language,
      fate: drawn.fate,
      blind: isBlind(batch, judgement.annotator),
      at,
    }
  })
  await addLabels(store, await Promise.all(labels))
}
