import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { textColumn } from '../../src/core/batch.ts'
import { Tokenizer } from '../../src/native/tokenizer.ts'
import { runPython } from '../python.ts'
import type { TokenizerFile } from './tokenizer-files.ts'

/** Each library told to read the text of special tokens as text and to add none. */
const reference = `
import base64, json, sys
import numpy
library, path, encoding = sys.argv[1:4]
if library == 'tokenizers':
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(path)
    tokenizer.encode_special_tokens = True
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
elif library == 'sentencepiece':
    import sentencepiece
    encode = sentencepiece.SentencePieceProcessor(model_file=path).encode
elif library == 'tiktoken':
    import tiktoken, tiktoken.load, tiktoken_ext.openai_public as published
    # The encoding's own pattern, with ranks from a file instead of the network.
    published.load_tiktoken_bpe = lambda *_, **__: {
        base64.b64decode(token): int(rank) for token, rank in (line.split() for line in open(path, 'rb'))
    }
    facts = published.ENCODING_CONSTRUCTORS[encoding]()
    tokenizer = tiktoken.Encoding(**facts)
    encode = lambda text: tokenizer.encode(text, disallowed_special=())
else:
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer
    tokenizer = Tekkenizer.from_file(path)
    encode = lambda text: tokenizer.encode(text, bos=False, eos=False)
ids, offsets = [], [0]
for text in json.load(open(sys.argv[4], encoding='utf-8')):
    ids += encode(text)
    offsets.append(len(ids))
numpy.array(ids, dtype='<u4').tofile(sys.argv[5])
numpy.array(offsets, dtype='<i4').tofile(sys.argv[5] + '.offsets')
`

/** Holds our ids, and those with ranges, to the library's, text for text. */
export function expectSameIds(file: TokenizerFile, texts: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'quern-tokenizer-'))
  try {
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts))
    runPython(reference, [file.library, file.path, file.encoding ?? '', join(folder, 'texts.json'), join(folder, 'ids')])
    const read = (name: string) => {
      const bytes = readFileSync(join(folder, name))
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    }
    const [ids, offsets] = [new Uint32Array(read('ids')), new Int32Array(read('ids.offsets'))]
    const tokenizer = new Tokenizer(readFileSync(file.path), file.path, { encoding: file.encoding })
    const ours = tokenizer.encode(textColumn(texts))
    expect(offsets).toHaveLength(texts.length + 1)
    texts.forEach((text, i) => {
      const row = [...ours.ids.subarray(ours.offsets[i], ours.offsets[i + 1])].join(' ')
      const wanted = [...ids.subarray(offsets[i], offsets[i + 1])].join(' ')
      if (row !== wanted) expect.fail(`${JSON.stringify(text)}\n  ours ${row}\n  reference ${wanted}`)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
