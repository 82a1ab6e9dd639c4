import type { Crawl } from '../config/crawl-file.ts'

/** `QuernBot/0.1 (+https://example.org/bot; crawl@example.org)`: the token that robots.txt names, then who it is. */
export function userAgent({ config: { agent } }: Pick<Crawl, 'config'>): string {
  return `${agent.name}/0.1 (${agent.page === undefined ? '' : `+${agent.page}; `}${agent.contact})`
}
