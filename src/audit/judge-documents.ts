import { QuernError } from '../core/errors.ts'
import type { Story } from '../dataset/why.ts'
import type { Audited } from './audited.ts'
import { storyOf } from './document-view.ts'
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

export async function readingOf(audited: Audited, document: string): Promise<Reading> {
  const { story, text, noText } = await storyOf(audited, document)
  return { document, language: languageOf(story), text, noText }
}

/** '' for none. */
export function languageOf({ ledger }: Story): string {
  const language = ledger['language']
  return typeof language === 'string' ? language : ''
}

/** Adds to judgements what the dataset knows, and stores them before it returns. */
export async function storeJudgements(audited: Audited, judgements: readonly Judgement[]): Promise<void> {
  const { store, snapshot } = audited
  const at = new Date().toISOString()
  const labels = judgements.map(async (judgement): Promise<Label> => {
    if (judgement.batch === '') {
      const { story } = await storyOf(audited, judgement.document)
      const fate = story.outcome === 'kept' ? 'kept' : `${story.stage}/${story.rule}`
      return { ...judgement, snapshot: snapshot.version, language: languageOf(story), fate, blind: false, at }
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
