import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { textOf } from '../../core/batch.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { type Context, definePrepareStage } from '../../core/component.ts'
import { decide, type LimitRules, type Limits, saysOf } from '../../core/decide.ts'
import { QuernError } from '../../core/errors.ts'
import { type BlockedList, listContents, openBlocklist } from '../../native/url-blocklist.ts'

/** In the order in which datatrove asks. */
const rules: LimitRules = {
  domain: { measure: 'url_domain_listed', above: 'none', says: 'The registered domain is listed, or the host itself where it has none.' },
  subdomain: { measure: 'url_subdomain_listed', above: 'none', says: 'A host below a registered domain is listed.' },
  address: { measure: 'url_listed', above: 'none', says: 'The address itself is listed.' },
  word: { measure: 'url_banned_words', above: 'none', says: 'A part of the address is a listed word.' },
  'soft-words': {
    measure: 'url_soft_words',
    above: 'max-soft-words',
    says: 'More different soft words than `max-soft-words` are parts of the address.',
  },
  'sub-word': { measure: 'url_banned_sub_words', above: 'none', says: 'The letters and digits of the address hold a listed word.' },
}

const entries = (says: string) => z.array(z.string().min(1)).default([]).describe(says)

const config = z.strictObject({
  lists: z
    .array(
      z.strictObject({
        file: z.string().min(1).describe('The file, plain or packed by gzip.'),
        holds: z.enum(listContents).describe('What is in it.'),
      }),
    )
    .default([])
    .describe('Files of entries, one a line, # for comments; domains also in the format of hosts files.'),
  folders: entries(
    'Folders of categories as the University of Toulouse publishes them: in each, or in each folder below it, files `domains` and `urls`, also as `.gz`.',
  ),
  domains: entries('Domains, written here.'),
  urls: entries('Addresses, written here.'),
  words: entries('Words no part of an address may be, written here. Parts are runs of ASCII letters and digits.'),
  'soft-words': entries('Words of which an address may have `max-soft-words` as parts, written here.'),
  'sub-words': entries('Words that the letters and digits of an address may not hold anywhere, written here.'),
  'max-soft-words': z.int().min(0).default(1).describe('Most different soft words.'),
  like: z
    .enum(['quern', 'datatrove'])
    .default('quern')
    .describe(
      'quern: a listed domain blocks all below it, case does not matter, addresses are compared without scheme, fragment and last slash. ' +
        'datatrove: the registered domain or the whole host is listed byte for byte, as URLFilter of datatrove 0.10 does it.',
    ),
})

type Config = z.infer<typeof config>

export default definePrepareStage<Config>({
  name: 'url-blocklist',
  group: 'filters',
  summary:
    'Drops documents by their address: lists of domains, addresses and words. It reads no text and may stand right after the sources. ' +
    'What is a registered domain is told by the public suffix list.',
  version: 1,
  config,
  reads: ['url'],
  writes: [],
  measures: {
    url_domain_listed: 'Whether the registered domain is listed, 1 or 0; like the others not known without an address.',
    url_subdomain_listed: 'Whether a host below it is listed, 1 or 0.',
    url_listed: 'Whether the address is listed, 1 or 0.',
    url_banned_words: 'Different listed words among the parts of the address.',
    url_soft_words: 'Different soft words among the parts of the address.',
    url_banned_sub_words: 'Whether the address holds a listed word anywhere, 1 or 0.',
  },
  rules: saysOf(rules),
  limits: { rules, of: (config) => () => limitsOf(config), place: (limit) => ({ option: limit === 'none' ? null : [limit], languageFile: null }) },
  examples: [
    { url: 'https://www.mill.example.org/bread', config: { domains: ['casino.com'], words: ['poker'] } },
    { url: 'https://www.casino.com/', config: { domains: ['casino.com'] }, drops: 'domain' },
    { url: 'https://ads.mill.org/', config: { domains: ['ads.mill.org'] }, drops: 'subdomain' },
    { url: 'http://mill.org/spam/', config: { urls: ['https://mill.org/spam'] }, drops: 'address' },
    { url: 'https://mill.org/Poker-night', config: { words: ['poker'] }, drops: 'word' },
    { url: 'https://mill.org/win?play=now', config: { 'soft-words': ['win', 'play'] }, drops: 'soft-words' },
    { url: 'https://mill.org/free-casino-bonus', config: { 'sub-words': ['casino bonus'] }, drops: 'sub-word' },
  ],
  assets: (config, context) => {
    const lists = listsOf(config, context)
    if (lists.length === 0)
      throw new QuernError('bad-config', 'url-blocklist: it is given no list, and would drop nothing', {
        remedy: 'Name files under `lists` or `folders`, write entries under `domains`, or remove the stage.',
      })
    return lists.flatMap(({ from }) => (typeof from === 'string' ? [from] : []))
  },
  open: async (config, context) => {
    const lists = listsOf(config, context)
    const judge = openBlocklist(keyOf(config.like, lists), config.like, lists)
    const limits = limitsOf(config)
    return (batch) => {
      const measures = judge(textOf(batch, 'url'))
      return { measures, verdict: decide(batch.rows, rules, measures, limits) }
    }
  },
})

function limitsOf(config: Config): Limits {
  return { none: 0, 'max-soft-words': config['max-soft-words'] }
}

/** Every list, in the order written; the files of a folder by their names. */
function listsOf(config: Config, context: Context): readonly BlockedList[] {
  return [
    ...config.lists.map(({ file, holds }) => ({ from: context.file(file), holds })),
    ...config.folders.flatMap((folder) => filesOf(folder, context.file(folder))),
    ...listContents.flatMap((holds) => (config[holds].length > 0 ? [{ from: config[holds], holds }] : [])),
  ]
}

function filesOf(written: string, folder: string): readonly BlockedList[] {
  const inside = (path: string) =>
    (['domains', 'urls'] as const).flatMap((holds) =>
      [holds, `${holds}.gz`].flatMap((name) =>
        statSync(join(path, name), { throwIfNoEntry: false })?.isFile() ? [{ from: join(path, name), holds }] : [],
      ),
    )
  let below: readonly string[]
  try {
    below = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch (cause) {
    throw new QuernError('missing-file', `url-blocklist: folders: reading "${written}": it is no folder`, { remedy: 'Check the path.', cause })
  }
  const found = [folder, ...below.toSorted().map((name) => join(folder, name))].flatMap(inside)
  if (found.length > 0) return found
  throw new QuernError('missing-file', `url-blocklist: folders: "${written}" holds no file "domains" or "urls", nor does a folder in it`, {
    remedy: 'Unpack the categories there first.',
  })
}

/** Workers of one process share lists by this: a file that was changed in between is another list. */
function keyOf(like: string, lists: readonly BlockedList[]): string {
  const files = lists.map(({ from, holds }) => {
    if (typeof from !== 'string') return [holds, [...from]]
    const { size, mtimeMs, ino } = statSync(from)
    return [holds, from, size, mtimeMs, ino]
  })
  return canonicalJson([like, files])
}
