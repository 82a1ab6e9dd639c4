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
    memory: indexMemory,
  }),
  reads: ['url'],
  writes: [],
  measures: {},
  rules: {
    'same-page':
      'The address without scheme, user, default port, fragment, parameters of visits and campaigns, its other parameters sorted, is that of a kept ' +
      'document, which the ledger names as `survivor`. Documents without an address are not compared.',
  },
})
