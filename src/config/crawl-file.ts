import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { BlockList } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { addRange } from '../core/addresses.ts'
import { QuernError, QuernErrors } from '../core/errors.ts'
import type { RightsPolicy } from '../core/rights.ts'
import { isS3Url } from '../storage/s3-place.ts'
import { type CrawlConfig, crawlSchema } from './crawl-schema.ts'
import { checkValue, mistakeAt } from './issues.ts'
import { outputPlace, whyNotWritable } from './output-place.ts'
import { loadPolicy, shippedPolicies } from './policy-file.ts'
import { applySettings, type ConfigFile } from './settings.ts'
import { readYaml } from './yaml-file.ts'

/** A crawl file, checked and resolved. */
export interface Crawl {
  readonly config: CrawlConfig
  readonly file: string
  /** Private addresses that may be fetched from. */
  readonly allowed: BlockList
  /** Certificates, in PEM, that are trusted besides the system's. */
  readonly authorities: readonly string[]
  /** Seeds as addresses. */
  readonly seeds: readonly URL[]
  /** Where finished files go: an absolute path or s3://bucket/prefix. */
  readonly out: string
  /** The local folder of the frontier and of unfinished files. */
  readonly state: string
  readonly policy: RightsPolicy
}

/** Pauses shorter than this are for private addresses only. */
const shortestPublicFloor = 100

/** Reads and checks a crawl file; all mistakes are thrown together, as QuernErrors with file, line and column. */
export async function loadCrawl(path: string, options: { readonly out?: string | undefined; readonly set?: readonly string[] } = {}): Promise<Crawl> {
  const file = applySettings(await readYaml(path), options.set ?? [])
  const mistakes: QuernError[] = []
  const config = checkValue(file, [], file.value, crawlSchema, mistakes)
  if (config === undefined) throw new QuernErrors(mistakes)
  const folder = dirname(resolve(path))
  const seeds = readSeeds(file, config, mistakes)
  const allowed = readPrivate(file, config, mistakes)
  checkPoliteness(file, config, mistakes)
  const place = await readOut(file, config, folder, options.out, mistakes)
  const policy = await readPolicy(file, config, folder, mistakes)
  const authorities = await readAuthorities(file, config, folder, mistakes)
  if (mistakes.length > 0 || place === undefined || policy === undefined) throw new QuernErrors(mistakes)
  const state = config.state !== undefined ? resolve(folder, config.state) : isS3Url(place) ? join(folder, `${config.name}.crawl`) : place
  return {
    config,
    file: resolve(path),
    seeds,
    allowed,
    authorities,
    out: place,
    state,
    policy,
  }
}

/** A shipped policy by its name or as `policies/NAME.yaml`, where the crawl's folder has no such file; else a file. */
async function readPolicy(
  file: ConfigFile,
  { policy = 'default' }: CrawlConfig,
  folder: string,
  mistakes: QuernError[],
): Promise<RightsPolicy | undefined> {
  const own = resolve(folder, policy)
  const shipped = join(shippedPolicies, basename(policy))
  const named = /^(?:policies\/)?[a-z0-9-]+(?:\.yaml)?$/.test(policy)
  try {
    if (!/[/\\]|\.ya?ml$/.test(policy)) return await loadPolicy(policy)
    return await loadPolicy(named && !existsSync(own) && existsSync(shipped) ? shipped : own)
  } catch (error) {
    if (error instanceof QuernErrors) mistakes.push(...error.errors)
    else if (error instanceof QuernError)
      mistakes.push(
        mistakeAt(file, ['policy'], `policy: ${error.message}`, {
          code: error.code,
          remedy: 'Give the path of a policy file, or leave it out for the one that comes with Quern.',
          cause: error,
        }),
      )
    else throw error
    return undefined
  }
}

function readSeeds(file: ConfigFile, config: CrawlConfig, mistakes: QuernError[]): readonly URL[] {
  const seeds: URL[] = []
  for (const [i, written] of config.seeds.entries()) {
    // A host alone: with a scheme it is an address already, and `example.org:8080` must not be read as a scheme.
    const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}/`)
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
      mistakes.push(
        mistakeAt(file, ['seeds', i], `seeds.${i}: ${written} is no address of the web`, { remedy: 'Write https://host/path, or a host.' }),
      )
    else seeds.push(url)
  }
  return seeds
}

function readPrivate(file: ConfigFile, config: CrawlConfig, mistakes: QuernError[]): BlockList {
  const list = new BlockList()
  for (const [i, range] of config.private.entries())
    if (!addRange(list, range))
      mistakes.push(
        mistakeAt(file, ['private', i], `private.${i}: ${range} is no range of addresses`, {
          remedy: 'Write an address, or a range such as 127.0.0.0/8 or fd00::/8.',
        }),
      )
  return list
}

async function readAuthorities(file: ConfigFile, config: CrawlConfig, folder: string, mistakes: QuernError[]): Promise<readonly string[]> {
  const trusted: string[] = []
  for (const [i, written] of config.authorities.entries()) {
    try {
      const certificates = (await readFile(resolve(folder, written), 'utf8')).match(pem) ?? []
      if (certificates.length === 0) throw new Error('it holds no certificate in PEM')
      for (const one of certificates) void new X509Certificate(one)
      trusted.push(...certificates)
    } catch (cause) {
      mistakes.push(
        mistakeAt(file, ['authorities', i], `authorities.${i}: ${written} cannot be used (${(cause as Error).message})`, {
          remedy: 'Name a readable file with the certificate of the authority between BEGIN CERTIFICATE and END CERTIFICATE.',
          cause,
        }),
      )
    }
  }
  return trusted
}

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The numbers that a public host must never meet are refused here unless a private range is listed; for a public address they are raised at fetch time. */
function checkPoliteness(file: ConfigFile, { politeness, private: ranges }: CrawlConfig, mistakes: QuernError[]): void {
  if (politeness.cap < politeness.floor)
    mistakes.push(
      mistakeAt(file, ['politeness', 'cap'], 'politeness.cap: is shorter than politeness.floor', { remedy: 'Raise cap, or lower floor.' }),
    )
  if (ranges.length > 0) return
  const remedy = 'Raise it, or list the private addresses that the crawl is for under "private".'
  if (politeness.floor < shortestPublicFloor)
    mistakes.push(
      mistakeAt(file, ['politeness', 'floor'], `politeness.floor: under ${shortestPublicFloor}ms is for private addresses only`, { remedy }),
    )
  if (!politeness['per-address'])
    mistakes.push(mistakeAt(file, ['politeness', 'per-address'], 'politeness.per-address: false is for private addresses only', { remedy }))
}

async function readOut(
  file: ConfigFile,
  config: CrawlConfig,
  folder: string,
  out: string | undefined,
  mistakes: QuernError[],
): Promise<string | undefined> {
  const written = out ?? config.out
  if (written === undefined) {
    mistakes.push(mistakeAt(file, [], 'out: is missing', { remedy: 'Add "out: FOLDER", or give --out.' }))
    return undefined
  }
  const resolved = outputPlace(written, out === undefined ? folder : process.cwd())
  const wrong = 'wrong' in resolved ? resolved : await whyNotWritable(resolved.place)
  if (wrong !== undefined) {
    const options = { code: 'output-not-writable', remedy: wrong.remedy } as const
    mistakes.push(
      out === undefined
        ? mistakeAt(file, ['out'], `out: ${wrong.wrong}`, options)
        : new QuernError(options.code, `--out ${out}: ${wrong.wrong}`, options),
    )
  }
  return 'place' in resolved ? resolved.place : undefined
}
