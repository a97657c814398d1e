/** The golden traces: the same inputs bring the same outputs as in the Python client. */
import { describe, expect, it } from 'vitest'
import { Link } from './link'
import { apply, EMPTY, type State } from './state'
import { MEI } from './testing'
import type { Conversation, Event, Message } from './types'

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

interface StateTrace {
  me: string
  conversation: Conversation
  thread: Message[]
  steps: (Event & { then: unknown })[]
}

const links = named(
  import.meta.glob<Trace>('../../tests/golden/link/*.json', { eager: true, import: 'default' }),
)
const states = named(
  import.meta.glob<StateTrace>('../../tests/golden/state/*.json', {
    eager: true,
    import: 'default',
  }),
)

function named<T>(files: Record<string, T>): [string, T][] {
  return Object.entries(files).map(([path, trace]) => [path.replace(/.*\/|\.json$/g, ''), trace])
}

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
  it.each(links)('%s', (_, trace) => {
    const chance = [...trace.random]
    const link = new Link(() => chance.shift() ?? Number.NaN, trace.hello, trace.cursor)
    for (const step of trace.steps) {
      tell(link, step)
      const { state, due, cursor } = link
      expect({ did: written(link.take()), state, due, cursor }).toEqual(step.then)
    }
  })
})

/** What is known of the one conversation, as the traces tell it. */
function known({ conversations, threads, ahead }: State): unknown {
  return {
    conversation: conversations.c ?? null,
    thread: threads.c?.messages.map(({ seq }) => seq) ?? null,
    ahead: ahead.c?.map(({ seq }) => seq) ?? [],
  }
}

describe('the state follows the golden trace', () => {
  it.each(states)('%s', (_, trace) => {
    let state: State = {
      ...EMPTY,
      me: { ...MEI, id: trace.me },
      conversations: { c: trace.conversation },
      threads: { c: { messages: trace.thread, fromStart: true } },
    }
    for (const { then, ...event } of trace.steps) {
      state = apply(state, event)
      expect(known(state)).toEqual(then)
    }
  })
})
