/** The golden traces: the same inputs at the same times bring the same outputs as in the Python client. */
import { describe, expect, it } from 'vitest'
import { Link } from './link'

interface Step {
  at: number
  on: string
  with?: { frame?: unknown; op?: string; fields?: object; code?: number }
  then: unknown
}

interface Trace {
  random: number[]
  hello: Record<string, unknown>
  cursor: string | null
  steps: Step[]
}

const traces = Object.entries(
  import.meta.glob<Trace>('../../tests/golden/link/*.json', { eager: true, import: 'default' }),
).map(([path, trace]) => [path.replace(/.*\/|\.json$/g, ''), trace] as const)

function tell(link: Link, { at, on, with: given = {} }: Step): void {
  const { frame, op = '', fields, code } = given
  if (on === 'received')
    link.received(at, typeof frame === 'string' ? frame : JSON.stringify(frame))
  else if (on === 'ask') link.ask(at, op, fields)
  else if (on === 'say') link.say(at, op, fields)
  else if (on === 'closed') link.closed(at, code)
  else if (on === 'lost_network') link.lostNetwork(at)
  else link[on as 'start' | 'stop' | 'wake' | 'opened' | 'tick'](at)
}

/** As the Python client writes it. */
function written(did: unknown): unknown {
  return JSON.parse(JSON.stringify(did), (key, value) =>
    key === 'error' && value ? { retry_after_seconds: null, ...value, params: undefined } : value,
  )
}

describe('the link does what the golden trace says', () => {
  it.each(traces)('%s', (_, trace) => {
    const chance = [...trace.random]
    const link = new Link(() => chance.shift() ?? Number.NaN, trace.hello, trace.cursor)
    for (const step of trace.steps) {
      tell(link, step)
      const { state, due, cursor } = link
      expect({ did: written(link.take()), state, due, cursor }).toEqual(step.then)
    }
  })
})
