import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPolicy } from '../../src/config/policy-file.ts'

async function loaded(name: string, text: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'policy-'))
  try {
    await writeFile(join(folder, name), text)
    return await loadPolicy(join(folder, name)).then(
      ({ id }) => id,
      (error: unknown) => String(error).replaceAll(`${folder}/`, ''),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('the id changes with the rules, not with comments, order or the summary', async () => {
  const first = await loaded('own.yaml', 'name: own\nversion: 2\nunknown: drop\nagents: [GPTBot]\n')
  expect(first).toMatch(/^own@2\+[0-9a-f]{12}$/)
  expect(await loaded('own.yaml', '# mine\nversion: 2\nsummary: x\nagents:\n  - GPTBot\nunknown: drop\nname: own\n')).toBe(first)
  expect(await loaded('own.yaml', 'name: own\nversion: 2\nunknown: drop\nagents: [CCBot]\n')).not.toBe(first)
})

test('mistakes are told with their places, all at once', async () => {
  const told = await loaded('own.yaml', 'name: other\nversion: 0\nunknow: drop\nagents: ["GPTBot/1.0"]\ndenies:\n  robot: [fetch]\n')
  expect(told).toContain('own.yaml:2:10')
  expect(told).toContain('own.yaml:3:1')
  expect(told).toContain('Did you mean "unknown"?')
  expect(told).toContain('own.yaml:4:10')
  expect(told).toContain('product token')
  expect(told).toContain('own.yaml:6:3')
  expect(await loaded('own.yaml', 'name: other\nversion: 1\n')).toContain('own.yaml:1:7')
  await expect(loadPolicy('defualt')).rejects.toThrow('there is no policy "defualt"')
})

test.each(['default', 'strict'])('the shipped policy %s is well-formed', async (name) => {
  expect((await loadPolicy(name)).id).toMatch(new RegExp(`^${name}@\\d+\\+[0-9a-f]{12}$`))
})
