import * as Plot from '@observablehq/plot'
import { useEffect, useRef } from 'preact/hooks'

/** A plot with a name for those who do not see it; drawn again when `options` is another object. */
export function Chart({ options, label }: { readonly options: Plot.PlotOptions; readonly label: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const drawn = Plot.plot({ ...options, style: { background: 'transparent', color: 'inherit', fontSize: '12px' } })
    drawn.setAttribute('role', 'img')
    // One picture with one name: the names that Plot gives to groups of marks are not for people.
    for (const group of drawn.querySelectorAll('[aria-label]')) group.removeAttribute('aria-label')
    drawn.setAttribute('aria-label', label)
    place.current?.replaceChildren(drawn)
    return () => drawn.remove()
  }, [options, label])
  return <div ref={place} />
}
