/** Milliseconds since 1970, whole, by a clock that never goes back: pauses must not shrink when the system's clock is set. */
export function now(): number {
  return Math.round(performance.timeOrigin + performance.now())
}
