import { allComponents, type ComponentPage, componentPage } from '../config/component-page.ts'
import { closest } from '../core/closest.ts'
import { QuernError } from '../core/errors.ts'
import { registry } from '../mill/registry.ts'
import type { Command } from './command.ts'

const command: Command = {
  name: 'explain',
  summary: 'Lists the components of pipelines, or shows the page of one.',
  args: [{ name: 'name', summary: 'A component, such as gopher-quality; all are listed without it.', required: false }],
  options: [{ flags: '--json', summary: 'Prints one JSON object.' }],
  async run({ args }, terminal) {
    const components = allComponents(registry)
    const name = args[0]
    if (name === undefined) {
      const pages = components.map(componentPage)
      const width = Math.max(0, ...pages.map((page) => page.name.length))
      let kind = ''
      for (const page of pages) {
        if (page.kind !== kind) terminal.print(`${kind === '' ? '' : '\n'}${page.kind}`)
        kind = page.kind
        terminal.print(`  ${page.name.padEnd(width)}  ${page.summary}`)
      }
      terminal.json({ components: pages.map(({ name: id, kind: group, phase, summary }) => ({ name: id, kind: group, phase, summary })) })
      return 0
    }
    const component = components.find((one) => one.name === name)
    if (component === undefined) {
      const meant = closest(
        name,
        components.map((one) => one.name),
      )
      throw new QuernError('bad-usage', `there is no component "${name}"`, {
        remedy: meant === undefined ? 'Run: quern explain' : `Did you mean "${meant}"?`,
      })
    }
    const page = componentPage(component)
    for (const line of lines(page)) terminal.print(line)
    terminal.json(page)
    return 0
  },
}
export default command

function lines(page: ComponentPage): readonly string[] {
  return [
    `${page.name}  ${page.kind}, ${page.phase}`,
    page.summary,
    ...(page.reads.length > 0 ? [`Reads ${page.reads.join(', ')}.`] : []),
    ...(page.writes.length > 0 ? [`Writes ${page.writes.join(', ')}.`] : []),
    ...section(
      'options',
      page.options.flatMap((field) => [
        `  ${field.name}: ${field.takes}${field.default === undefined ? (field.required ? ', required' : '') : `, default ${field.default}`}`,
        `      ${field.says}`,
      ]),
    ),
    ...section(
      'measures',
      Object.entries(page.measures).map(([name, says]) => `  ${name}: ${says}`),
    ),
    ...section(
      'rules',
      Object.entries(page.rules).map(([name, says]) => `  ${name}: ${says}`),
    ),
    ...section(
      'examples',
      page.examples.map(({ given, with: context, outcome }) => `  ${JSON.stringify(given)}${context === '' ? '' : ` (${context})`}: ${outcome}`),
    ),
  ]
}

function section(title: string, content: readonly string[]): readonly string[] {
  return content.length === 0 ? [] : ['', title, ...content]
}
