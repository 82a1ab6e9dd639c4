import * as z from 'zod'
import { defineSequenceStage } from '../../core/component.ts'
import { indexMemory } from './index-memory.ts'

export default defineSequenceStage({
  name: 'url-duplicates',
  summary: 'Drops documents whose canonical address is that of a kept earlier one, of this run or any before it.',
  version: 1,
  group: 'duplicates',
  config: z.strictObject({
    'drop-parameters': z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Names of query parameters that do not tell pages apart, besides those of campaigns and clicks (utm_*, gclid, fbclid, ...) and of sessions ' +
          '(PHPSESSID, jsessionid, ...; sid, session and s where the value looks like one).',
      ),
    keep: z
      .enum(['first', 'newest'])
      .default('first')
      .describe(
        'Which of several versions of a page in one run is kept: the first in input order, or the one with the latest date (of equals, and of those ' +
          'without one, the first). A version that another rule drops gives its place to the next. A page of an earlier run always stays. `newest` ' +
          'holds the whole run on local disk before the first shard is written.',
      ),
    replace: z
      .boolean()
      .default(false)
      .describe(
        'Whether a version with a later date takes the place of the one that an earlier run published: once the run is published, a second snapshot ' +
          '(operation `replace`) holds the newer one instead, and older snapshots keep the older one. Versions without a date replace nothing and are ' +
          'not replaced. The texts of newer versions are retained whatever `output.retain-dropped` says. Costs passes over some columns of the whole ledger ' +
          'where a run has newer versions, and the files that the pages lie in are written anew.',
      ),
    memory: indexMemory,
  }),
  reads: ['url'],
  writes: [],
  measures: {},
  rules: {
    'same-page':
      'The address without scheme, user, default port, fragment, parameters of visits and campaigns, its other parameters sorted, is that of a kept ' +
      'document, which the ledger names as `survivor`. Documents without an address are not compared.',
    replaced:
      'It was published, and a later run brought a newer version of the page, which the ledger names as `survivor`. Only with `replace`; snapshots from ' +
      'before still hold it.',
  },
})
