import type { Crawl } from '../config/crawl-file.ts'
import type { RobotsFile } from '../native/robots.ts'
import type { Way } from './discover.ts'
import type { Fetcher } from './fetch.ts'
import type { Frontier } from './frontier.ts'
import type { Place } from './hosts-resolver.ts'
import type { LanguageGuide } from './language-guide.ts'
import type { LicenceFiles } from './licence-files.ts'
import type { PolitenessRules } from './politeness.ts'
import type { Tally } from './tally.ts'
import type { WarcWriter } from './warc-writer.ts'

/** What a round has used of its budget, in all runs that belong to it. */
export interface Round {
  readonly number: number
  pages: number
  bytes: number
  milliseconds: number
}

/** Everything that a visit works with. */
export interface CrawlWork {
  readonly crawl: Crawl
  readonly rules: PolitenessRules
  readonly frontier: Frontier
  readonly fetcher: Fetcher
  readonly resolve: (url: URL) => Promise<Place>
  readonly pages: WarcWriter
  readonly evidence: WarcWriter
  /** Up to which byte unfinished files count. */
  readonly positions: Map<string, number>
  readonly tally: Tally
  readonly round: Round
  /** Puts an address into the frontier and its host into the queue. */
  readonly found: (written: string, way: Way) => void
  /** Only where the scope names languages. */
  readonly guide: LanguageGuide | undefined
  readonly licences: LicenceFiles
  /** What a host says of rights in files of its own. */
  readonly hostFiles: (origin: string) => { readonly robots: RobotsFile | undefined; readonly tdmrep: Uint8Array | undefined }
}
