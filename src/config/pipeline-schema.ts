import * as z from 'zod'
import { byteSize } from '../core/sizes.ts'

/** What every pipeline file holds; components add their own options to the entries of `sources` and `stages`. */

const entry = z.record(z.string(), z.unknown())
const name = /^[a-z0-9][a-z0-9._-]{0,63}$/
const nameRule = 'expected 1 to 64 of a-z, 0-9, ".", "_", "-", beginning with a letter or digit'

const MiB = 2 ** 20

export const sourceKeys = {
  use: z.string().describe('The component.'),
  name: z
    .string()
    .regex(name, { error: nameRule })
    .optional()
    .describe('A stable id: part of the id of every document. Default: the component and its place, such as warc-1.'),
  licence: z.string().min(1).default('unknown').describe('The licence of what the source brings; written beside every document.'),
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'Input files: paths or globs, relative to the pipeline file or s3://bucket/..., read in the order written. * stays inside a folder, ** crosses folders.',
    ),
}

export const sourceSchema = z.strictObject(sourceKeys)

const alarmSchema = z.strictObject({
  share: z.number().gt(0).max(1).default(0.6).describe('Share of its documents that a source may lose in one night.'),
  factor: z.number().gt(1).default(5).describe('How many times its usual share a source may lose.'),
  least: z.int().min(1).default(100).describe('Sources that bring fewer documents in a night are not looked at.'),
  nights: z.int().min(1).max(365).default(7).describe('How many nights before this one say what is usual.'),
  except: z.array(z.string()).default([]).describe('Names of sources that may lose what they like.'),
})

export const outputSchema = z.strictObject({
  dataset: z
    .string()
    .min(1)
    .describe('Where the dataset lies: a folder relative to the pipeline file, a file:// URL or s3://bucket/prefix. --out overrides it.'),
  'retain-dropped': z.enum(['all', 'sample', 'none']).default('all').describe('Whose text is kept beside the ledger among the dropped documents.'),
  'single-writer': z
    .boolean()
    .default(false)
    .describe('Says that no two runs ever write this dataset at once, for a store whose conditional writes do not hold. --single-writer sets it.'),
  'shard-bytes': byteSize({ min: MiB / 64, max: 1024 * MiB, default: 128 * MiB }).describe('Bytes of text after which a shard is cut.'),
  alarms: z
    .union([z.literal('off'), alarmSchema])
    .prefault({})
    .describe('When the losses of a source stop the publication until somebody has looked (run --accept); off: never.'),
})

export const testSchema = z.strictObject({
  name: z.string().min(1).describe('What the test shows, as a sentence.'),
  given: z
    .string()
    .regex(/\.(html?|txt)$/i, { error: 'expected a .txt file (enters as text) or .html file (enters as a page)' })
    .describe('A .txt or .html file, relative to the pipeline file.'),
  language: z.string().min(2).optional().describe('The language to judge it as, instead of what the language stage would say.'),
  'dropped-by': z.string().optional().describe('The rule that must drop it, as stage/rule. Without it the document must be kept.'),
  kept: z.literal(true).optional().describe('Says that the document must be kept.'),
})

/** The file without `output` and `tests`, whose mistakes are told apart. */
export const frameSchema = z.strictObject({
  name: z.string().regex(name, { error: nameRule }).describe('The name of the pipeline.'),
  description: z.string().optional().describe('What the pipeline is for, for people.'),
  languages: z
    .string()
    .min(1)
    .optional()
    .describe('A folder of language files. Default: languages/ beside the pipeline file, over the ones that come with Quern.'),
  sources: z.array(entry).min(1).describe('Where documents come from, in order.'),
  stages: z.array(entry).min(1).describe('What happens to each document, in order; the last is tokenize.'),
})

export const pipelineSchema = frameSchema.extend({
  output: outputSchema.describe('Where the dataset goes.'),
  tests: z.array(testSchema).default([]).describe('Files and what must become of them; run by quern test.'),
})
