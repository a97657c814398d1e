/**
 * What a signed-in client knows, and how events change it. Pure: every function gives a new value
 * and leaves the old one alone; unchanged parts stay the same objects. Applying an event twice is harmless.
 */
import type {
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

export interface State {
  me: Me | null
  conversations: Known<Conversation>
  threads: Known<Thread>
  people: Known<Person>
  shops: Known<Shop>
  contacts: Known<Contact>
  orders: Known<Order>
  wallet: Wallet | null
  cart: readonly CartLine[]
  /** Per conversation, who was typing and when (local clock). */
  typing: Known<Readonly<Record<Id, number>>>
}

export const MOST_UNREAD = 100
/** A typing notice older than this no longer shows. */
export const TYPING_MS = 6_000

export const EMPTY: State = {
  me: null,
  conversations: {},
  threads: {},
  people: {},
  shops: {},
  contacts: {},
  orders: {},
  wallet: null,
  cart: [],
  typing: {},
}

/** Replaces all that the server tells; keeps the threads whose conversations are still ours. */
export function startAfresh(state: State, snapshot: Snapshot): State {
  const conversations = byId(snapshot.conversations)
  return {
    ...state,
    conversations,
    threads: only(state.threads, (id) => id in conversations),
    people: { ...state.people, ...byId(snapshot.people) },
    shops: { ...state.shops, ...byId(snapshot.shops) },
    contacts: by(snapshot.contacts, (contact) => contact.person.id),
    orders: { ...state.orders, ...byId(snapshot.orders) },
    wallet: snapshot.wallet,
    cart: snapshot.cart,
    typing: {},
  }
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

/** What is told of a conversation: all of it, or of a group only what every member sees alike. */
export type ToldConversation = Conversation | GroupFacts

export function withConversation(state: State, told: ToldConversation): State {
  const merged = mergedWith(state.conversations[told.id], told)
  if (!merged) return state
  return { ...state, conversations: { ...state.conversations, [merged.id]: merged } }
}

function mergedWith(known: Conversation | undefined, told: ToldConversation): Conversation | null {
  if (!('last_seq' in told)) return known ? withFacts(known, told) : null
  return known ? notBackwards(known, told) : told
}

/** What is told to all says what each role may do; one's own counts. */
function withFacts(known: Conversation, told: GroupFacts): Conversation {
  const { may_by_role, ...facts } = told
  const may = known.role === 'staff' ? known.may : (may_by_role?.[known.role] ?? known.may)
  return { ...known, ...facts, may }
}

/** A description that was on its way while messages came or were read must not undo that. */
function notBackwards(known: Conversation, told: Conversation): Conversation {
  const read_seq = Math.max(known.read_seq, told.read_seq)
  const peer_read_seq = told.peer_read_seq && Math.max(known.peer_read_seq ?? 0, told.peer_read_seq)
  if (told.last_seq >= known.last_seq) return { ...told, read_seq, peer_read_seq }
  const { last_seq, last, unread } = known
  return { ...told, read_seq, peer_read_seq, last_seq, last, unread }
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
  return { ...state, threads: { ...state.threads, [conversation]: thread } }
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
  return newest < lastSeq ? newest : null
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

function posted(state: State, message: Message): State {
  const conversation = state.conversations[message.conversation]
  const quiet = stoppedTyping(state, message)
  const threads = withPosted(quiet.threads, message)
  if (!conversation || message.seq <= conversation.last_seq) return { ...quiet, threads }
  const changed = advanced(conversation, message, state.me?.id)
  return { ...quiet, threads, conversations: { ...quiet.conversations, [changed.id]: changed } }
}

function advanced(conversation: Conversation, message: Message, me: Id | undefined): Conversation {
  const mine = isMine(message, me, conversation.role)
  const more = mine ? 0 : message.seq - conversation.last_seq
  return {
    ...conversation,
    last: message,
    last_seq: message.seq,
    unread: Math.min(MOST_UNREAD, conversation.unread + more),
  }
}

function withPosted(threads: Known<Thread>, message: Message): Known<Thread> {
  const thread = threads[message.conversation]
  if (!thread) return threads
  const newest = thread.messages.at(-1)?.seq ?? 0
  if (message.seq !== newest + 1) return threads
  const messages = [...thread.messages, message]
  return { ...threads, [message.conversation]: { ...thread, messages } }
}

function stoppedTyping(state: State, message: Message): State {
  const typing = state.typing[message.conversation]
  if (!typing || !message.sender || !(message.sender in typing)) return state
  const left = without(typing, message.sender)
  return { ...state, typing: { ...state.typing, [message.conversation]: left } }
}

function leave(state: State, conversation: Id): State {
  return {
    ...state,
    conversations: without(state.conversations, conversation),
    threads: without(state.threads, conversation),
  }
}

function readMoved(state: State, moved: EventData['read.moved']): State {
  const conversation = state.conversations[moved.conversation]
  if (!conversation) return state
  const changed = isMySide(conversation, moved, state.me?.id)
    ? {
        ...conversation,
        read_seq: Math.max(conversation.read_seq, moved.seq),
        unread: moved.unread ?? conversation.unread,
      }
    : peerRead(conversation, moved.seq)
  return { ...state, conversations: { ...state.conversations, [changed.id]: changed } }
}

function isMySide(
  conversation: Conversation,
  moved: EventData['read.moved'],
  me: Id | undefined,
): boolean {
  if (moved.unread !== null && moved.unread !== undefined) return true
  return moved.reader === (conversation.role === 'staff' ? conversation.shop : me)
}

function peerRead(conversation: Conversation, seq: number): Conversation {
  if (conversation.peer_read_seq === null) return conversation
  return { ...conversation, peer_read_seq: Math.max(conversation.peer_read_seq, seq) }
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
