import { type Document, isCollection, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml'
import { QuernError } from '../core/errors.ts'

/**
 * The text of a YAML file with one value set, every other byte as it was: comments, quotes and line breaks are a
 * linguist's own. Keys that are missing on the way are added as the file writes its maps.
 */
export function setInYaml(text: string, path: readonly (string | number)[], value: number | string): string {
  const document = parseDocument(text, { keepSourceTokens: true })
  const [problem] = document.errors
  if (problem !== undefined)
    throw new QuernError('bad-config', `changing a limit: the file is no YAML any more: ${problem.message}`, { remedy: 'Mend the file first.' })
  const there: unknown = document.getIn(path, true)
  if (isScalar(there) && there.range !== null && there.range !== undefined)
    return text.slice(0, there.range[0]) + String(value) + text.slice(there.range[1])
  const deepest = deepestMap(document, path)
  if (deepest === undefined) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block(path, value, 0)}\n`
  const { map, rest } = deepest
  return map.flow === true ? intoFlow(text, map, rest, value) : intoBlock(text, map, rest, value)
}

/** The innermost map on the way that is there and holds something, with the keys that are missing below it. */
function deepestMap(
  document: Document,
  path: readonly (string | number)[],
): { readonly map: YAMLMap; readonly rest: readonly (string | number)[] } | undefined {
  for (let known = path.length - 1; known >= 0; known--) {
    const node: unknown = known === 0 ? document.contents : document.getIn(path.slice(0, known), true)
    if (isMap(node) && node.items.length > 0) return { map: node, rest: path.slice(known) }
    if (isSeq(node) || isScalar(node)) break
  }
  return undefined
}

function intoFlow(text: string, map: YAMLMap, rest: readonly (string | number)[], value: number | string): string {
  const end = endOf(map.items.at(-1)?.value as Node | null, map)
  return `${text.slice(0, end)}, ${flow(rest, value)}${text.slice(end)}`
}

/** Behind the map's last entry, with the indentation of its first key. */
function intoBlock(text: string, map: YAMLMap, rest: readonly (string | number)[], value: number | string): string {
  const first = (map.items[0]?.key as Node | undefined)?.range?.[0] ?? 0
  const indent = first - (text.lastIndexOf('\n', first - 1) + 1)
  const end = endOf(map.items.at(-1)?.value as Node | null, map)
  const newline = text.indexOf('\n', Math.max(0, end - 1))
  const at = newline === -1 ? text.length : newline
  return `${text.slice(0, at)}\n${block(rest, value, indent)}${text.slice(at)}`
}

function endOf(node: Node | null, map: YAMLMap): number {
  if (node === null) return map.range?.[1] ?? 0
  if (isCollection(node) && node.flow !== true && node.items.length > 0) {
    const last: unknown = node.items.at(-1)
    const inner = isMap(node) ? ((last as { readonly value: Node | null }).value ?? null) : (last as Node)
    return inner === null ? (node.range?.[1] ?? 0) : endOf(inner, isMap(node) ? node : map)
  }
  return node.range?.[1] ?? 0
}

function block(path: readonly (string | number)[], value: number | string, indent: number): string {
  return path.map((key, i) => `${' '.repeat(indent + 2 * i)}${key}:${i === path.length - 1 ? ` ${value}` : ''}`).join('\n')
}

function flow([key, ...rest]: readonly (string | number)[], value: number | string): string {
  return rest.length === 0 ? `${key}: ${value}` : `${key}: { ${flow(rest, value)} }`
}
