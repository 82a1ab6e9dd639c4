import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { type WordCut, tokenizerTrainer } from '../../src/native/tokenizer-trainer.ts'
import { runPython } from '../python.ts'
import { expectSameIds } from './tokenizer-reference.ts'
import { fuzzedTexts, realTexts, runTexts } from './tokenizer-texts.ts'

// Ours learns from a mebibyte of a text and cuts a word after 256 bytes (Thai has no spaces); the peer's trainer has no bounds.
const texts = realTexts().filter((text) => Buffer.byteLength(text) <= 2 ** 20 && !/[\p{L}\p{M}]{60}/u.test(text))

function learn(cut: WordCut, size: number): string {
  const trainer = tokenizerTrainer(cut, 2)
  trainer.add(textColumn(texts), 1)
  for (const reached of trainer.train(size, ['<|endoftext|>', '<|pii:email|>'])) expect(reached).toBeGreaterThan(0)
  return trainer.file()
}

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'quern-trained-'))
  try {
    run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

it.each(['gpt4o', 'llama3', 'spaces'] as const)('a file trained with %s loads in tokenizers and gives the same ids there', (cut) => {
  inFolder((folder) => {
    const path = join(folder, 'tokenizer.json')
    writeFileSync(path, learn(cut, 6000))
    expectSameIds({ path, library: 'tokenizers' }, ['', ' ', 'a', ...fuzzedTexts(3_000), ...runTexts(), ...realTexts()])
  })
})

const trainer = `
import json, sys
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
ours = json.load(open(sys.argv[1] + '/ours.json', encoding='utf-8'))
tokenizer = Tokenizer(models.BPE())
pattern = ours['pre_tokenizer']['pretokenizers'][0]['pattern']['Regex']
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Split(Regex(pattern), 'isolated'), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
)
trainer = trainers.BpeTrainer(
    vocab_size=len(ours['model']['vocab']), min_frequency=2, special_tokens=[token['content'] for token in ours['added_tokens']],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
)
tokenizer.train_from_iterator(json.load(open(sys.argv[1] + '/texts.json', encoding='utf-8')), trainer)
theirs = json.loads(tokenizer.to_str())
for part in ['merges', 'vocab']:
    a, b = ours['model'][part], theirs['model'][part]
    if a != b:
        print(part, next((i, x, y) for i, (x, y) in enumerate(zip(a, b)) if x != y))
`

it.each(['gpt4o', 'llama3'] as const)('BPE with the pattern of %s has the merges and ids that the trainer of tokenizers finds', (cut) => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'ours.json'), learn(cut, 4000))
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts))
    expect(runPython(trainer, [folder])).toBe('')
  })
})
