/** What a run tells of itself while it works. All calls are cheap; drawing is somebody else's business. */
export interface Progress {
  /** Input bytes and parts that lie ahead. */
  begin(parts: readonly { readonly part: number; readonly bytes: number }[]): void
  /** Rows just read of a part, and how far into its window they reach. */
  prepared(part: number, rows: number, bytes: number): void
  partPrepared(part: number, rows: number): void
  sequenced(rows: number): void
  shardCut(documents: number): void
  allSequenced(): void
  pressed(rows: number): void
  sealed(rows: number): void
  say(line: string): void
}

export interface ProgressState {
  readonly phase: 'reading' | 'pressing' | 'sealing'
  readonly documents: number
  /** 0 to 1 over the phase. */
  readonly share: number
  readonly documentsPerSecond: number
  /** Of the phase; undefined until there is enough to go by. */
  readonly secondsLeft: number | undefined
}

/** Counts, and calls `changed` with the state; the caller decides how often to draw. */
export function countProgress(changed: (state: () => ProgressState) => void, say: (line: string) => void, now: () => number): Progress {
  const partBytes = new Map<number, number>()
  const done = new Map<number, number>()
  let bytes = 0
  let bytesDone = 0
  let documents = 0
  let cut = 0
  let pressed = 0
  let sealed = 0
  let sequencedAll = false
  let began = now()

  function state(): ProgressState {
    const seconds = Math.max(0.001, (now() - began) / 1000)
    const phase = sealed > 0 ? 'sealing' : sequencedAll ? 'pressing' : 'reading'
    const share =
      phase === 'reading' ? bytesDone / Math.max(1, bytes) : phase === 'pressing' ? pressed / Math.max(1, cut) : sealed / Math.max(1, documents)
    return {
      phase,
      documents,
      share: Math.min(1, share),
      documentsPerSecond: documents / seconds,
      secondsLeft: phase === 'reading' && share > 0.02 && seconds > 2 ? (seconds * (1 - share)) / share : undefined,
    }
  }

  const reach = (part: number, to: number): void => {
    bytesDone += to - (done.get(part) ?? 0)
    done.set(part, to)
    changed(state)
  }
  const rowsSeen = new Map<number, number>()

  return {
    begin(parts) {
      began = now()
      for (const { part, bytes: size } of parts) {
        partBytes.set(part, size)
        bytes += size
      }
      changed(state)
    },
    prepared(part, rows, to) {
      documents += rows
      rowsSeen.set(part, (rowsSeen.get(part) ?? 0) + rows)
      reach(part, Math.max(to, done.get(part) ?? 0))
    },
    partPrepared(part, rows) {
      documents += rows - (rowsSeen.get(part) ?? 0) // a part found finished by an earlier run reported no rows
      rowsSeen.set(part, rows)
      reach(part, partBytes.get(part) ?? 0)
    },
    sequenced() {
      changed(state)
    },
    shardCut(count) {
      cut += count
    },
    allSequenced() {
      sequencedAll = true
      changed(state)
    },
    pressed(rows) {
      pressed += rows
      changed(state)
    },
    sealed(rows) {
      sealed += rows
      changed(state)
    },
    say,
  }
}
