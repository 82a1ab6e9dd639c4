import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { errorCodes } from '../../src/core/errors.ts'
import { quern, root } from '../quern.ts'

/** The pages are what people read; the code is what happens. Each direction has failed somewhere before. */
const page = (name: string) => readFileSync(join(root, 'docs', 'reference', name), 'utf8')

test('every error code is documented with its exit status, and no other', () => {
  const rows = [...page('errors.md').matchAll(/^\| `([a-z-]+)` \| (\d) \| (.+) \|$/gm)].map(([, code, exit, says]) => [code, Number(exit), says])
  expect(rows).toEqual(Object.entries(errorCodes).map(([code, { exit, says }]) => [code, exit, says]))
})

test.each(Object.keys(commands))('quern %s --help is what the page of commands says', (name) => {
  const { status, out } = quern([name, '--help'])
  expect(status).toBe(0)
  expect(page('cli.md')).toContain(`## quern ${name}\n\n\`\`\`\n${out.trimEnd()}\n\`\`\`\n`)
})

test('quern --help is what the page of commands says, and the page has no other command', () => {
  const text = page('cli.md')
  expect(text).toContain(`# Commands\n\n\`\`\`\n${quern(['--help']).out.trimEnd()}\n\`\`\`\n`)
  expect([...text.matchAll(/^## quern (.+)$/gm)].map(([, name]) => name)).toEqual(Object.keys(commands))
})
