import type { ExportManifest, FormatName } from './manifest.ts'

type Facts = Pick<ExportManifest, 'to' | 'dtype' | 'endOfDocument' | 'seqLen' | 'tokenizer'>

/** Length of a sample where the export does not say one. */
const exampleLength = 1024

const titles: Readonly<Record<FormatName, string>> = {
  megatron: 'Megatron-LM',
  mds: 'mosaicml-streaming',
  datatrove: 'datatrove',
  litdata: 'litData',
  olmo: 'OLMo-core',
  parquet: 'Parquet',
}

const loaders: Readonly<Record<FormatName, (folder: string, facts: Facts) => string>> = {
  megatron: (folder) => `from megatron.core.datasets.indexed_dataset import IndexedDataset

documents = IndexedDataset("${folder}")  # training: --data-path ${folder}
print(len(documents), documents[0])`,
  mds: (folder) => `from streaming import StreamingDataset

samples = StreamingDataset(local="${folder}", batch_size=1, validate_hash="sha256")
print(samples.num_samples, samples[0]["tokens"])`,
  datatrove: (folder, { dtype }) => `from datatrove.utils.dataset import DatatroveFolderDataset

samples = DatatroveFolderDataset("${folder}", seq_len=${exampleLength}, token_size=${dtype === 'uint16' ? 2 : 4}, return_positions=True)
print(len(samples), samples[0]["input_ids"])`,
  litdata: (folder, { seqLen }) => `from litdata import StreamingDataset, TokensLoader

samples = StreamingDataset("${folder}", item_loader=TokensLoader(block_size=${seqLen}), shuffle=True, seed=1)
print(len(samples), samples[0])`,
  olmo: (folder, { dtype, endOfDocument, tokenizer }) => `from glob import glob

import numpy as np
from olmo_core.data import NumpyFSLDataset

samples = NumpyFSLDataset(
    *sorted(glob("${folder}/*.npy")),
    sequence_length=${exampleLength},
    dtype=np.${dtype},
    vocab_size=${Math.max(tokenizer.vocabularySize, (endOfDocument ?? 0) + 1)},
    eos_token_id=${endOfDocument},
    pad_token_id=${endOfDocument},
    generate_doc_lengths=True,
)
print(len(samples), samples[0]["input_ids"])`,
  parquet: (folder) => `from datasets import load_dataset

documents = load_dataset("parquet", data_files="${folder}/*.parquet", split="train")
print(len(documents), documents[0]["input_ids"])`,
}

/** The call that opens one language; `folder` is the export's with the language behind it. */
export function loader(folder: string, facts: Facts): string {
  return loaders[facts.to](folder, facts)
}

/** `README.md` of an export: how to open it, and what is whose. */
export function readme(facts: Facts & Pick<ExportManifest, 'snapshot' | 'dataset'>, languages: readonly string[]): string {
  const { to, snapshot, dataset, tokenizer, endOfDocument } = facts
  const end = endOfDocument === null ? 'No token marks the end of a document.' : `Every document ends with token ${endOfDocument}.`
  const [first] = languages
  const open =
    first === undefined
      ? 'It holds no document.'
      : `It holds ${languages.join(', ')}; one of them, from this folder:\n\n\`\`\`python\n${loader(first, facts)}\n\`\`\``
  return `# Tokens for ${titles[to]}

Snapshot ${snapshot.version} of dataset ${dataset}, written by \`quern export --format ${to}\`. Tokens are ${facts.dtype}, of ${tokenizer.name} (SHA-256 ${tokenizer.sha256}). ${end} quern-export.json has counts and hashes of all files.

${open}

Shuffling, mixing and resuming are ${titles[to]}'s from here on: a checkpoint of a training run knows this folder, not the dataset. What is suppressed in the dataset later stays in this folder; export again and delete it.
`
}
