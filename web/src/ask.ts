import { useEffect, useState } from 'preact/hooks'

/** Reads the token out of the address once, so that neither history nor a copied address of a page holds it. */
function takeToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given !== null) {
    sessionStorage.setItem('quern-token', given)
    history.replaceState(null, '', '#/')
  }
  return sessionStorage.getItem('quern-token') ?? ''
}

const token = takeToken()

/** A report to hand on holds its answers itself, by question and query; it has no server to ask others of. */
const report = document.getElementById('answers')?.textContent
const answers = report === undefined || report === null ? undefined : (JSON.parse(report) as Readonly<Record<string, unknown>>)

/** Whether this is such a report: what needs a server is not shown then. */
export const isReport = answers !== undefined

/** An answer, or what went wrong in words for a person. */
export class Problem extends Error {
  readonly remedy: string | undefined
  constructor(message: string, remedy: string | undefined) {
    super(message)
    this.remedy = remedy
  }
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export async function ask<T>(question: string, query: Query = {}, body?: unknown, signal?: AbortSignal): Promise<T> {
  if (answers !== undefined) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
    const found =
      answers[JSON.stringify([question, given.map(([name, value]) => [name, String(value)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))])]
    if (found === undefined) throw new Problem('This report does not hold it.', 'Ask whoever made it to open quern audit.')
    return found as T
  }
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? (value as readonly string[]) : value === undefined ? [] : [String(value)]) parameters.append(name, one)
  const response = await fetch(`/api/${question}?${parameters}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-quern-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  const answer = (await response.json()) as T & { readonly error?: string; readonly remedy?: string }
  if (!response.ok) throw new Problem(answer.error ?? response.statusText, answer.remedy)
  return answer
}

/** Saves an answer that is a file. */
export async function saveFile(question: string, name: string): Promise<void> {
  const response = await fetch(`/api/${question}`, { headers: { 'x-quern-token': token } })
  if (!response.ok) throw new Problem(((await response.json()) as { readonly error?: string }).error ?? response.statusText, undefined)
  const address = URL.createObjectURL(await response.blob())
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  URL.revokeObjectURL(address)
}

export type Asked<T> =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'there'; readonly answer: T }

/** Asks again when `key` changes; an answer to an older question is not shown. */
export function useAnswer<T>(question: string, query: Query): Asked<T> {
  const key = JSON.stringify([question, query])
  const [asked, set] = useState<{ readonly key: string; readonly now: Asked<T> }>({ key: '', now: { state: 'waiting' } })
  useEffect(() => {
    const stop = new AbortController()
    ask<T>(question, query, undefined, stop.signal)
      .then((answer) => set({ key, now: { state: 'there', answer } }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted)
          set({ key, now: { state: 'failed', problem: error instanceof Problem ? error : new Problem(String(error), undefined) } })
      })
    return () => stop.abort()
  }, [key])
  return asked.key === key ? asked.now : { state: 'waiting' }
}
