import type * as z from 'zod'
import { defineSource } from '../core/component.ts'
import { warcColumns, warcConfig, warcReading, warcRules } from './warc-reading.ts'

/** What can be in a path that names files and not the folder of a crawl. */
const namesFiles = /[*?[{]|\.warc(?:\.gz)?$/

/**
 * A crawl's finished files in the order in which they were written: their names count up. A file that is still being
 * written has no name there, so a run may begin while the crawl goes on; the next one takes what has been finished since.
 */
export default defineSource<z.output<typeof warcConfig>>({
  name: 'crawl',
  summary: 'Reads what a crawl has fetched so far: `paths` names the folder that its files go to (`out` of the crawl file).',
  version: 1,
  config: warcConfig,
  writes: warcColumns,
  rules: warcRules,
  pattern: (written) => (namesFiles.test(written) ? written : `${written.replace(/\/+$/, '')}/warc/*.warc.gz`),
  mayBeEmpty: true,
  ...warcReading,
})
