/** The list that a document was chosen from, so that the next one is a key away. */
interface List {
  readonly address: string
  readonly ids: readonly string[]
}

export function rememberList(ids: readonly string[]): void {
  sessionStorage.setItem('quern-list', JSON.stringify({ address: location.hash, ids } satisfies List))
}

/** Where a document stands in the list; undefined when it was come to in another way. */
export function placeInList(id: string): { readonly at: number; readonly of: List } | undefined {
  const kept = sessionStorage.getItem('quern-list')
  if (kept === null) return undefined
  const of = JSON.parse(kept) as List
  const at = of.ids.indexOf(id)
  return at === -1 ? undefined : { at, of }
}
