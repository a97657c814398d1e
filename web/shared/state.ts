/**
 * What a signed-in client knows, and how events change it. Pure: every function gives a new value
 * and leaves the old one alone; unchanged parts stay the same objects. Applying an event twice is harmless.
 */
import type {
  Arranged,
  CartLine,
  Contact,
  Conversation,
  Event,
  EventData,
  GroupFacts,
  Id,
  Me,
  Message,
  Order,
  Person,
  Shop,
  Snapshot,
  Wallet,
} from './types'

/** A stretch of a conversation without gaps, oldest first. */
export interface Thread {
  messages: readonly Message[]
  /** Whether the conversation's first message is in it. */
  fromStart: boolean
}

type Known<T> = Readonly<Record<Id, T>>

/** What is live only: the one conversation on the screen, who is there, and how far others in a group have read. */
export interface Watched {
  conversation: Id
  present: readonly Id[]
  readTo: Known<number>
}

export interface State {
  me: Me | null
  conversations: Known<Conversation>
  threads: Known<Thread>
  /** Messages that came before one of a smaller number. */
  ahead: Known<readonly Message[]>
  people: Known<Person>
  shops: Known<Shop>
  contacts: Known<Contact>
  orders: Known<Order>
  wallet: Wallet | null
  cart: readonly CartLine[]
  /** Per conversation, who was typing and when (local clock). */
  typing: Known<Readonly<Record<Id, number>>>
  watched: Watched | null
}

export const MOST_UNREAD = 100
/** A typing notice older than this no longer shows. */
export const TYPING_MS = 6_000

export const EMPTY: State = {
  me: null,
  conversations: {},
  threads: {},
  ahead: {},
  people: {},
  shops: {},
  contacts: {},
  orders: {},
  wallet: null,
  cart: [],
  typing: {},
  watched: null,
}

/** Replaces all that the server tells; keeps the threads whose conversations are still ours. */
export function startAfresh(state: State, snapshot: Snapshot): State {
  const conversations = { ...inboxes(state), ...byId(snapshot.conversations) }
  return {
    ...state,
    conversations,
    threads: only(state.threads, (id) => id in conversations),
    ahead: {},
    people: { ...state.people, ...byId(snapshot.people) },
    shops: { ...state.shops, ...byId(snapshot.shops) },
    contacts: by(snapshot.contacts, (contact) => contact.person.id),
    orders: { ...state.orders, ...byId(snapshot.orders) },
    wallet: snapshot.wallet,
    cart: snapshot.cart,
    typing: {},
  }
}

/** Threads that are answered for a shop: in no snapshot, but in its inbox, which is fetched page by page. */
function inboxes(state: State): Known<Conversation> {
  const shops = new Set(state.me?.shops.map(({ shop }) => shop.id))
  return only(state.conversations, (id) => {
    const known = state.conversations[id]
    return known?.role === 'staff' && known.shop !== null && shops.has(known.shop)
  })
}

export function apply(state: State, event: Event, now: number = Date.now()): State {
  switch (event.ev) {
    case 'message.posted':
      return posted(state, event.data)
    case 'conversation.changed':
      return withConversation(state, event.data)
    case 'conversation.left':
      return leave(state, event.data.conversation)
    case 'read.moved':
      return readMoved(state, event.data)
    case 'received.moved':
      return receivedMoved(state, event.data)
    case 'draft.changed':
      return draftChanged(state, event.data)
    case 'presence':
      return presenceChanged(state, event.data)
    case 'typing':
      return typed(state, event.data, now)
    case 'contact.changed':
      return withContact(state, event.data)
    case 'contact.removed':
      return { ...state, contacts: without(state.contacts, event.data.account) }
    case 'person.changed':
      return withPerson(state, event.data)
    case 'shop.changed':
      return withShops(state, [event.data])
    case 'me.changed':
      return { ...state, me: event.data }
    case 'order.changed':
      return withOrders(state, [event.data])
    case 'wallet.changed':
      return { ...state, wallet: event.data }
    case 'cart.changed':
      return { ...state, cart: event.data.lines }
    default:
      return state
  }
}

export function withPeople(state: State, people: readonly Person[]): State {
  return { ...state, people: { ...state.people, ...byId(people) } }
}

export function withShops(state: State, shops: readonly Shop[]): State {
  return { ...state, shops: { ...state.shops, ...byId(shops) } }
}

/** Keeps the newer of two versions of an order, whichever way it came. */
export function withOrders(state: State, orders: readonly Order[]): State {
  const newer = orders.filter((order) => {
    const known = state.orders[order.id]
    return !known || order.changed_at >= known.changed_at
  })
  return newer.length ? { ...state, orders: { ...state.orders, ...byId(newer) } } : state
}

/** What is told of a conversation: all of it, or only what every member sees alike, or what is one's own. */
export type ToldConversation = Conversation | GroupFacts | Arranged

export function withConversation(state: State, told: ToldConversation): State {
  const merged = mergedWith(state.conversations[told.id], told)
  return merged ? withAhead(withOne(state, merged), merged.id) : state
}

function mergedWith(known: Conversation | undefined, told: ToldConversation): Conversation | null {
  if (!('last_seq' in told)) return known ? withFacts(known, told) : null
  return known ? notBackwards(known, told) : told
}

/** What is told to all says what each role may do; one's own counts. */
function withFacts(known: Conversation, told: GroupFacts | Arranged): Conversation {
  const { may_by_role, ...facts } = { may_by_role: undefined, ...told }
  const may = known.role === 'staff' ? known.may : (may_by_role?.[known.role] ?? known.may)
  return { ...known, ...facts, may }
}

/** A description that was on its way while messages came, were read or begun must not undo that. */
function notBackwards(known: Conversation, told: Conversation): Conversation {
  return {
    ...told,
    ...(told.last_seq < known.last_seq && counted(known)),
    ...(told.read_seq < known.read_seq && wasRead(known)),
    ...((told.draft_at ?? 0) < (known.draft_at ?? 0) && begun(known)),
    peer_read_seq: further(known.peer_read_seq, told.peer_read_seq),
    peer_received_seq: further(known.peer_received_seq, told.peer_received_seq),
  }
}

type Part<K extends keyof Conversation> = Pick<Conversation, K>

function counted(it: Conversation): Part<'last_seq' | 'last' | 'unread' | 'mentioned'> {
  return { last_seq: it.last_seq, last: it.last, unread: it.unread, mentioned: it.mentioned }
}

function wasRead(it: Conversation): Part<'read_seq' | 'unread' | 'mentioned'> {
  return { read_seq: it.read_seq, unread: it.unread, mentioned: it.mentioned }
}

function begun(it: Conversation): Part<'draft' | 'draft_at'> {
  return { draft: it.draft, draft_at: it.draft_at }
}

/** Where the other side shows how far it is, it only gets further. */
function further(known: number | null, told: number | null): number | null {
  return known === null || told === null ? told : Math.max(known, told)
}

/** Looks at this conversation, and at no other. */
export function withWatched(state: State, conversation: Id | null, present: readonly Id[]): State {
  return { ...state, watched: conversation ? { conversation, present, readTo: {} } : null }
}

/** Joins a stretch of history to what is known of the conversation. */
export function withHistory(
  state: State,
  conversation: Id,
  messages: readonly Message[],
  fromStart: boolean,
): State {
  const known = state.threads[conversation]
  const thread = known ? joined(known, messages, fromStart) : { messages, fromStart }
  const newer = messages.filter(
    ({ seq }) => seq > (state.conversations[conversation]?.last_seq ?? 0),
  )
  return filled({ ...state, threads: { ...state.threads, [conversation]: thread } }, newer)
}

/** Messages fetched to fill a gap, in order. */
export function filled(state: State, messages: readonly Message[]): State {
  return messages.reduce(posted, state)
}

/** After which message something is missing before what came too early; null when nothing did. */
export function gapAfter(state: State, conversation: Id): number | null {
  return state.ahead[conversation] ? (state.conversations[conversation]?.last_seq ?? null) : null
}

/** How many messages are missing there. */
export function gapSize(state: State, conversation: Id): number {
  const first = state.ahead[conversation]?.[0]
  const known = state.conversations[conversation]
  return first && known ? first.seq - known.last_seq - 1 : 0
}

/** Goes on with what came too early, though what is between can't be had, or is too much. */
export function leapt(state: State, conversation: Id): State {
  const known = state.conversations[conversation]
  const missing = gapSize(state, conversation)
  if (!known || !missing) return state
  const last_seq = known.last_seq + missing
  const unread = Math.min(MOST_UNREAD, known.unread + missing)
  return withAhead(withOne(state, { ...known, last_seq, unread }), conversation)
}

/** Forgets the loaded stretch, so that the newest can be loaded instead. */
export function withoutThread(state: State, conversation: Id): State {
  return { ...state, threads: without(state.threads, conversation) }
}

/** The last number of the loaded stretch when newer messages are missing after it; else null. */
export function behind(state: State, conversation: Id): number | null {
  const thread = state.threads[conversation]
  const lastSeq = state.conversations[conversation]?.last_seq
  if (!thread || lastSeq === undefined) return null
  const newest = thread.messages.at(-1)?.seq ?? 0
  return newest < lastSeq || state.ahead[conversation] ? newest : null
}

export function typingNow(state: State, conversation: Id, now: number): Id[] {
  const typing = state.typing[conversation] ?? {}
  return Object.keys(typing).filter((account) => now - (typing[account] ?? 0) < TYPING_MS)
}

/** Whether a message is from my side: by me, or for a shop whose thread I answer as its staff. */
export function isMine(message: Message, me: Id | undefined, role: string | undefined): boolean {
  if (role === 'staff') return message.shop !== null
  return message.sender !== null && message.sender === me && message.shop === null
}

/** Messages are taken in the order of their numbers; what comes too early waits. */
function posted(state: State, message: Message): State {
  const conversation = state.conversations[message.conversation]
  const quiet = stoppedTyping(state, message)
  if (!conversation) return quiet
  if (message.seq > conversation.last_seq + 1) return waitingAhead(quiet, message)
  const threads = withPosted(quiet.threads, message)
  const changed = counting(conversation, message, state.me?.id)
  return withAhead({ ...withOne(quiet, changed), threads }, changed.id)
}

function counting(known: Conversation, message: Message, me: Id | undefined): Conversation {
  if (message.seq < known.last_seq) return known
  if (message.seq === known.last_seq) return { ...known, last: message }
  const advanced = { ...known, last: message, last_seq: message.seq }
  if (message.seq <= known.read_seq || isMine(message, me, known.role)) return advanced
  const unread = Math.min(MOST_UNREAD, known.unread + 1)
  const mentioned = isNamed(message, me) ? message.seq : known.mentioned
  return { ...advanced, unread, mentioned }
}

function waitingAhead(state: State, message: Message): State {
  const others = (state.ahead[message.conversation] ?? []).filter(({ seq }) => seq !== message.seq)
  const ahead = [...others, message].sort((a, b) => a.seq - b.seq)
  return { ...state, ahead: { ...state.ahead, [message.conversation]: ahead } }
}

/** Takes what came too early and is next now. */
function withAhead(state: State, conversation: Id): State {
  const ahead = state.ahead[conversation]
  const known = state.conversations[conversation]
  if (!ahead || !known) return state
  const left = ahead.filter(({ seq }) => seq > known.last_seq)
  const [next, ...rest] = left
  const others = without(state.ahead, conversation)
  if (!next) return { ...state, ahead: others }
  if (next.seq > known.last_seq + 1) {
    return left.length === ahead.length
      ? state
      : { ...state, ahead: { ...others, [conversation]: left } }
  }
  const waiting = rest.length ? { ...others, [conversation]: rest } : others
  return posted({ ...state, ahead: waiting }, next)
}

function isNamed(message: Message, me: Id | undefined): boolean {
  const named = message.body.kind === 'text' ? (message.body.mentions ?? []) : []
  return named.includes('*') || (me !== undefined && named.includes(me))
}

/** The next message is added; a known one becomes what the server tells of it; any other is left to history. */
function withPosted(threads: Known<Thread>, message: Message): Known<Thread> {
  const thread = threads[message.conversation]
  if (!thread) return threads
  const at = message.seq - (thread.messages[0]?.seq ?? 1)
  if (at < 0 || at > thread.messages.length) return threads
  const messages = [...thread.messages.slice(0, at), message, ...thread.messages.slice(at + 1)]
  return { ...threads, [message.conversation]: { ...thread, messages } }
}

function stoppedTyping(state: State, message: Message): State {
  const typing = state.typing[message.conversation]
  const who = message.shop ?? message.sender
  if (!typing || !who || !(who in typing)) return state
  const left = without(typing, who)
  return { ...state, typing: { ...state.typing, [message.conversation]: left } }
}

function leave(state: State, conversation: Id): State {
  return {
    ...state,
    conversations: without(state.conversations, conversation),
    threads: without(state.threads, conversation),
    ahead: without(state.ahead, conversation),
  }
}

function readMoved(state: State, moved: EventData['read.moved']): State {
  const conversation = state.conversations[moved.conversation]
  if (!conversation) return state
  if (!isMySide(conversation, moved, state.me?.id)) {
    return othersRead(withOne(state, peerRead(conversation, moved.seq)), moved)
  }
  if (moved.seq < conversation.read_seq) return state
  const unread = moved.unread ?? conversation.unread
  const mentioned = (conversation.mentioned ?? 0) <= moved.seq ? null : conversation.mentioned
  return withOne(state, { ...conversation, read_seq: moved.seq, unread, mentioned })
}

/** In a group, while it is looked at. */
function othersRead(state: State, moved: EventData['read.moved']): State {
  const { watched } = state
  if (watched?.conversation !== moved.conversation) return state
  const to = Math.max(watched.readTo[moved.reader] ?? 0, moved.seq)
  return {
    ...state,
    watched: { ...watched, readTo: { ...watched.readTo, [moved.reader]: to } },
  }
}

function receivedMoved(state: State, moved: EventData['received.moved']): State {
  const conversation = state.conversations[moved.conversation]
  if (!conversation || moved.reader === mySide(conversation, state.me?.id)) return state
  const peer_received_seq = grown(conversation.peer_received_seq, moved.seq)
  return withOne(state, { ...conversation, peer_received_seq })
}

function draftChanged(state: State, draft: EventData['draft.changed']): State {
  const conversation = state.conversations[draft.conversation]
  if (!conversation || draft.at < (conversation.draft_at ?? 0)) return state
  return withOne(state, { ...conversation, draft: draft.text || null, draft_at: draft.at })
}

function presenceChanged(state: State, change: EventData['presence']): State {
  const { watched } = state
  if (watched?.conversation !== change.conversation) return state
  if ('present' in change) return { ...state, watched: { ...watched, present: change.present } }
  const others = watched.present.filter((id) => id !== change.account)
  const present = change.online ? [...others, change.account] : others
  return { ...state, watched: { ...watched, present } }
}

function withOne(state: State, conversation: Conversation): State {
  return {
    ...state,
    conversations: { ...state.conversations, [conversation.id]: conversation },
  }
}

function mySide(conversation: Conversation, me: Id | undefined): Id | null | undefined {
  return conversation.role === 'staff' ? conversation.shop : me
}

/** Further than it was, where it is shown at all. */
function grown(known: number | null, seq: number): number | null {
  return known === null ? null : Math.max(known, seq)
}

function isMySide(
  conversation: Conversation,
  moved: EventData['read.moved'],
  me: Id | undefined,
): boolean {
  if (moved.unread !== null && moved.unread !== undefined) return true
  return moved.reader === mySide(conversation, me)
}

function peerRead(conversation: Conversation, seq: number): Conversation {
  return {
    ...conversation,
    peer_read_seq: grown(conversation.peer_read_seq, seq),
    peer_received_seq: grown(conversation.peer_received_seq, seq),
  }
}

function typed(state: State, typing: EventData['typing'], now: number): State {
  if (typing.account === state.me?.id) return state
  const before = state.typing[typing.conversation] ?? {}
  const after = { ...before, [typing.account]: now }
  return { ...state, typing: { ...state.typing, [typing.conversation]: after } }
}

/** A person as they look now, also where they are one of my contacts. */
function withPerson(state: State, person: Person): State {
  const known = state.contacts[person.id]
  const contacts = known ? { ...state.contacts, [person.id]: { ...known, person } } : state.contacts
  return withPeople({ ...state, contacts }, [person])
}

function withContact(state: State, contact: Contact): State {
  const contacts = { ...state.contacts, [contact.person.id]: contact }
  return withPeople({ ...state, contacts }, [contact.person])
}

function joined(thread: Thread, more: readonly Message[], fromStart: boolean): Thread {
  const known = new Map(thread.messages.map((message) => [message.seq, message]))
  for (const message of more) known.set(message.seq, message)
  const all = [...known.values()].sort((a, b) => a.seq - b.seq)
  const messages = newestStretch(all)
  return { messages, fromStart: (thread.fromStart || fromStart) && messages.length === all.length }
}

/** What is left when everything before the last gap is dropped. */
function newestStretch(messages: readonly Message[]): readonly Message[] {
  for (let i = messages.length - 1; i > 0; i--) {
    if ((messages[i - 1]?.seq ?? 0) + 1 !== messages[i]?.seq) return messages.slice(i)
  }
  return messages
}

function byId<T extends { id: Id }>(values: readonly T[]): Record<Id, T> {
  return by(values, (value) => value.id)
}

function by<T>(values: readonly T[], key: (value: T) => Id): Record<Id, T> {
  return Object.fromEntries(values.map((value) => [key(value), value]))
}

function without<T>(known: Known<T>, id: Id): Known<T> {
  return only(known, (each) => each !== id)
}

function only<T>(known: Known<T>, keep: (id: Id) => boolean): Known<T> {
  return Object.fromEntries(Object.entries(known).filter(([id]) => keep(id)))
}
