import * as z from 'zod'
import { duration } from '../core/durations.ts'
import { byteSize } from '../core/sizes.ts'

const MiB = 2 ** 20
const name = /^[a-z0-9][a-z0-9._-]{0,63}$/

const agentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_-]{1,64}$/, { error: 'expected a product token: letters, "_" and "-" only (RFC 9309)' })
    .describe('The product token by which robots.txt files may name the crawler.'),
  contact: z
    .string()
    .regex(/^[^\s@()]+@[^\s@()]+$|^https?:\/\/[^\s()]+$/, { error: 'expected a mail address or a web address' })
    .describe('Where the people of a site reach the people of the crawl; sent with every request.'),
  page: z
    .string()
    .regex(/^https?:\/\/[^\s()]+$/, { error: 'expected a web address' })
    .optional()
    .describe('A page about the crawler, such as --conduct-page writes; sent with every request.'),
  addresses: z
    .array(z.string().regex(/^[0-9a-f.:]+(?:\/\d{1,3})?$/i, { error: 'expected an address or a range such as 192.0.2.0/28' }))
    .default([])
    .describe('Addresses that its requests come from, for the page about it.'),
})

const scopeSchema = z.strictObject({
  within: z
    .enum(['prefix', 'host', 'domain', 'any'])
    .default('host')
    .describe('How far from a seed the crawl goes: its folder, its host, its registrable domain, or anywhere.'),
  depth: z.int().min(0).max(10_000).default(20).describe('Most links from a seed.'),
  languages: z
    .array(z.string().regex(/^[a-z]{2,3}$/, { error: 'expected a language code such as mt' }))
    .default([])
    .describe('Languages that the crawl is for; pages that are likely in them come first. Empty: all.'),
  include: z.array(z.string().min(1)).default([]).describe('Address patterns of pages to fetch, with * for anything; others are left out.'),
  exclude: z.array(z.string().min(1)).default([]).describe('Address patterns of pages to leave out, with * for anything.'),
})

const budgetSchema = z.strictObject({
  pages: z.int().min(1).default(1_000_000).describe('Most requests of a round, robots.txt files apart.'),
  'pages-per-host': z.int().min(1).default(100_000).describe('Most requests of a round to one host.'),
  bytes: byteSize({ default: 1024 * 1024 * MiB }).describe('Most bytes of content of a round.'),
  'bytes-per-host': byteSize({ default: 1024 * 1024 * MiB }).describe('Most bytes of content of a round from one host.'),
  seconds: z.number().gt(0).default(86_400).describe('Longest duration of a round.'),
})

const politenessSchema = z.strictObject({
  floor: duration({ default: '1s' }).describe('Shortest pause between two requests to a host. Under 100ms for private addresses only.'),
  cap: duration({ default: '30s', min: '1ms', max: '1d' }).describe(
    'Longest pause that slow answers lead to; a host that asks for more by Crawl-delay is left out.',
  ),
  factor: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .describe('A pause lasts this many times as long as the last answer took. Not counted where floor is 0ms.'),
  'per-address': z.boolean().default(true).describe('Whether hosts of one address share its pauses. False for private addresses only.'),
  patience: duration({ default: '5min', max: '1d' }).describe(
    'How long the crawl waits when only hosts that asked for a pause are left; they come in the next round.',
  ),
})

const limitsSchema = z.strictObject({
  bytes: byteSize({ min: 1024, max: 1024 * MiB, default: 10 * MiB }).describe('Most bytes of a page; what follows is cut off, and marked.'),
  'sitemap-bytes': byteSize({ min: 1024, max: 1024 * MiB, default: 50 * MiB }).describe('Most bytes of a sitemap or feed, unpacked.'),
  seconds: z.number().min(0.1).max(3600).default(30).describe('Longest duration of one request.'),
  redirects: z.int().min(0).max(20).default(5).describe('Most redirections in a row.'),
  ratio: z.number().min(1).default(200).describe('Most bytes that one byte of a compressed answer may unpack to.'),
})

const scheduleSchema = z.strictObject({
  first: duration({ default: '20h' }).describe('When a new page is visited again.'),
  least: duration({ default: '90min' }).describe('Shortest time between two visits of a page.'),
  most: duration({ default: '90d' }).describe('Longest time between two visits of a page.'),
})

const warcSchema = z.strictObject({
  bytes: byteSize({ min: 1024, default: 1024 * MiB }).describe('Size after which a file is published and the next one begun.'),
  age: duration({ default: '1h', min: '1s' }).describe('Age after which a file is published and the next one begun.'),
  digest: z.enum(['sha1', 'sha256']).default('sha1').describe('How contents are digested.'),
})

/** A block whose every option has a default; the types of sizes and times do not tell that they have. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.prefault({} as never)
}

/** What a crawl file may hold; `schemas/crawl.schema.json` is made from it. */
export const crawlSchema = z.strictObject({
  name: z
    .string()
    .regex(name, { error: 'expected 1 to 64 of a-z, 0-9, ".", "_", "-", beginning with a letter or digit' })
    .describe('The name of the crawl; its files begin with it.'),
  description: z.string().optional().describe('What the crawl is for, for people.'),
  agent: agentSchema.describe('Who fetches.'),
  seeds: z.array(z.string().min(1)).min(1).describe('Where to begin: addresses of pages, hosts, sitemaps or feeds.'),
  scope: optional(scopeSchema).describe('What belongs to the crawl.'),
  budget: optional(budgetSchema).describe('When a round ends, though more could be fetched.'),
  politeness: optional(politenessSchema).describe('How much rest hosts get.'),
  ports: z
    .array(z.int().min(1).max(65_535))
    .min(1)
    .default([80, 443])
    .describe('Ports that may be asked; private addresses that are listed may be asked at any.'),
  private: z
    .array(z.string().min(1))
    .default([])
    .describe('Private and special addresses that may be fetched from, such as 127.0.0.0/8: for tests and for networks of your own.'),
  authorities: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files of certificates (PEM) of authorities that are trusted besides the system’s, relative to the crawl file: for networks of your own.',
    ),
  policy: z.string().min(1).optional().describe('The rights policy: `default`, `strict`, or a file relative to the crawl file. Default: default.'),
  limits: optional(limitsSchema).describe('What one answer may cost.'),
  schedule: optional(scheduleSchema).describe('When a page is visited again.'),
  warc: optional(warcSchema).describe('How the files are written.'),
  'session-parameters': z
    .array(z.string().min(1))
    .default([])
    .describe('Parameters of addresses that name a session, besides the usual ones; left out of addresses.'),
  connections: z.int().min(1).max(4096).default(128).describe('Most requests at the same time.'),
  seed: z.int().min(0).default(0).describe('Another number, another order of pages of the same depth.'),
  state: z
    .string()
    .min(1)
    .optional()
    .describe('A local folder for the frontier and unfinished files. Default: the folder of `out`, or NAME.crawl beside the crawl file.'),
  out: z
    .string()
    .min(1)
    .optional()
    .describe('Where the files go: a folder relative to the crawl file, a file:// URL or s3://bucket/prefix. --out overrides it.'),
})

export type CrawlConfig = z.output<typeof crawlSchema>
