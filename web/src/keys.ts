import { useLayoutEffect, useRef } from 'preact/hooks'

/** One key, one act. Nothing happens while somebody types, or with Ctrl and its like held. */
export function useKeys(acts: Readonly<Record<string, (() => void) | undefined>>): void {
  // Fast hands press the next key before the page has been drawn again.
  const now = useRef(acts)
  now.current = acts
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target
      if (event.ctrlKey || event.metaKey || event.altKey || at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) return
      if (at instanceof HTMLSelectElement) return
      const act = Object.hasOwn(now.current, event.key) ? now.current[event.key] : undefined
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
