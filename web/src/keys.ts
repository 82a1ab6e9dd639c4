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
      // On a Greek or Bulgarian keyboard the key of k says κ or к: then the key itself counts.
      const key = event.key.length > 1 || /[ -~]/.test(event.key) ? event.key : event.code.replace('Key', '').toLowerCase()
      const act = Object.hasOwn(now.current, key) ? now.current[key] : undefined
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
