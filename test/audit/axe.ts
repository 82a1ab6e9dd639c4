import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'vitest'
import type { Opened } from './browser.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Nothing serious or critical for people who hear or type. */
export async function expectUsable(of: Opened): Promise<void> {
  // The page's own policy forbids scripts from outside, so the checker comes in by the debugger.
  await of.page.evaluate(axeSource)
  const found = await of.page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } })
      .axe
    return (await axe.run()).violations
  })
  expect(found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
}
