import type { ConnectionState } from '@shared/connection'
import { Keep } from '@shared/keep'
import { Live, type LiveWiring } from '@shared/live'
import type { Unsent, UnsentBody } from '@shared/outbox'
import { EMPTY, type State } from '@shared/state'
import type { Event, EventData, EventName, Id, Me, Order, Person, Snapshot } from '@shared/types'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { api, signedOut } from '../api'

type Hear<N extends EventName> = (data: EventData[N]) => void
type HearAny = (data: unknown) => void

interface Ears {
  happened(event: Event): void
  startedAfresh(): void
}

/** The client, which also tells the pages what happened: their tables aren't part of its state. */
class DeskLive extends Live {
  private readonly ears: Ears

  constructor(wiring: LiveWiring, ears: Ears) {
    super(wiring)
    this.ears = ears
  }

  override happened(event: Event): void {
    super.happened(event)
    this.ears.happened(event)
  }

  override startedAfresh(snapshot: Snapshot): void {
    super.startedAfresh(snapshot)
    this.ears.startedAfresh()
  }
}

/** The one connection of the desk, what it knows, and what can be said over it. */
export const useLive = defineStore('live', () => {
  const state = shallowRef<State>(EMPTY)
  const unsent = shallowRef<readonly Unsent[]>([])
  const connection = ref<ConnectionState>('offline')
  /** Grows whenever events may have been missed, so that what is shown must be fetched afresh. */
  const afresh = ref(0)
  const listeners = new Map<EventName, Set<HearAny>>()
  let client: DeskLive | null = null
  let keep: Keep | null = null

  function start(me: Me): void {
    if (client) return
    keep = new Keep(`desk:${me.id}`)
    client = new DeskLive(
      { api, store: keep, me, changed: show, signedOut: () => signedOut.value++ },
      { happened: tell, startedAfresh: () => afresh.value++ },
    )
    void client.start()
  }

  function stop(): void {
    client?.stop()
    client = null
    keep = null
    state.value = EMPTY
    unsent.value = []
    connection.value = 'offline'
  }

  /** Connects again after a new sign-in; what is known and unsent stays. */
  function resume(): void {
    client?.connection.start()
  }

  function show(): void {
    if (!client) return
    state.value = client.state
    unsent.value = client.unsent
    connection.value = client.connectionState
  }

  function tell(event: Event): void {
    for (const hear of listeners.get(event.ev) ?? []) hear(event.data)
  }

  /** Listens until the returned function is called. */
  function on<N extends EventName>(name: N, hear: Hear<N>): () => void {
    const set = listeners.get(name) ?? new Set()
    listeners.set(name, set.add(hear as HearAny))
    return () => set.delete(hear as HearAny)
  }

  /** The person if known; else null now, and asked for. */
  function person(id: Id | null): Person | null {
    if (!id) return null
    const known = state.value.people[id]
    if (!known) client?.knowPeople([id])
    return known ?? null
  }

  /** The order if known; else null now, and asked for. */
  function order(id: Id): Order | null {
    const known = state.value.orders[id]
    if (!known) client?.knowOrder(id).catch(() => {})
    return known ?? null
  }

  /** The client itself, for the verbs; only between `start` and `stop`. */
  function verbs(): DeskLive {
    if (!client) throw new Error('The desk is not connected')
    return client
  }

  const send = (conversation: Id, body: UnsentBody) => verbs().send(conversation, body)
  const drafts = () => keep
  /** Now, whenever the next try would be: a person asks for it. */
  const wake = () => client?.connection.start()

  return {
    state,
    unsent,
    connection,
    afresh,
    start,
    stop,
    resume,
    on,
    person,
    order,
    verbs,
    send,
    drafts,
    wake,
  }
})
