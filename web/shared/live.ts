/**
 * A signed-in client: the connection, the outbox and the state, kept together. An app shows `state`,
 * calls the verbs here, and is told of every change.
 */
import { Refusal } from './api'
import { Connection, type ConnectionState, type Listener, type Wiring } from './connection'
import { followDevice } from './device'
import type { Api } from './endpoints'
import { Outbox, type Unsent, type UnsentBody, type UnsentStore } from './outbox'
import {
  apply,
  behind,
  EMPTY,
  filled,
  gapAfter,
  gapSize,
  leapt,
  type State,
  startAfresh,
  withConversation,
  withHistory,
  withOrders,
  withoutThread,
  withPeople,
  withShops,
  withWatched,
} from './state'
import type {
  Conversation,
  Event,
  Hello,
  Id,
  Me,
  Message,
  Order,
  Person,
  Shop,
  Snapshot,
} from './types'

/** How many messages one request brings. */
export const HISTORY_LIMIT = 50
/** Further behind than this, a thread starts again from its newest messages. */
const FAR_BEHIND = 300
/** A message out of turn usually comes a moment later by itself. */
const GAP_PATIENCE_MS = 250
const TYPING_EVERY_MS = 3_000
const AGAIN_MS = 2_000
/** Receipts are said together, at most so often. */
const RECEIVE_MS = 1_000
/** Conversations for which what came meanwhile is confirmed at once; the others when they are next written in. */
const RECEIVED_MOST = 50
/** Kinds of conversation whose other side sees what has arrived. */
const RECEIPTS = new Set<string>(['direct', 'shop'])

export interface LiveWiring {
  api: Api
  store: UnsentStore
  me: Me
  /** Told whenever `state`, `unsent` or `connectionState` is another. */
  changed(): void
  signedOut(): void
  /** The server speaks a newer protocol; by default the page is loaded again, for a newer app. */
  outdated?(): void
  connection?: Partial<Wiring>
}

export class Live implements Listener {
  state: State
  unsent: readonly Unsent[] = []
  connectionState: ConnectionState = 'offline'
  /** What the clock of the server is ahead of ours, in ms. */
  aheadMs = 0
  limits: Readonly<Record<string, number>> = {}
  readonly connection: Connection

  private readonly wiring: LiveWiring
  private readonly outbox: Outbox
  private readonly loading = new Map<string, Promise<void>>()
  /** How far was read, until the server has it: lost on its way, it is said again. */
  private readonly reads = new Map<Id, number>()
  private readonly saidTyping = new Map<Id, number>()
  private wantedPeople = new Set<Id>()
  private unfollow: () => void = () => {}
  private later: ReturnType<typeof setTimeout> | undefined
  private watching: Id | null = null
  private arrived = new Set<Id>()
  private receiving: ReturnType<typeof setTimeout> | undefined
  private readonly saidReceived = new Map<Id, number>()

  constructor(wiring: LiveWiring) {
    this.wiring = wiring
    this.state = { ...EMPTY, me: wiring.me }
    this.connection = new Connection({ ...wiring.connection, listener: this })
    this.outbox = new Outbox({
      store: wiring.store,
      deliver: (item) => this.deliver(item),
      delivered: (message) => this.take(message),
      changed: (items) => this.unsentChanged(items),
    })
  }

  async start(): Promise<void> {
    await this.outbox.load().catch(() => {})
    this.unfollow = followDevice(this.connection)
    this.connection.start()
  }

  stop(): void {
    this.unfollow()
    clearTimeout(this.later)
    clearTimeout(this.receiving)
    this.connection.stop()
  }

  // What a person does

  async send(conversation: Id, body: UnsentBody): Promise<void> {
    await this.outbox.add(conversation, body)
    await this.flush()
  }

  async retry(clientId: string): Promise<void> {
    await this.outbox.retry(clientId)
    await this.flush()
  }

  discard(clientId: string): Promise<void> {
    return this.outbox.discard(clientId)
  }

  /** Everything up to `seq` has been seen. */
  async read(conversation: Id, seq: number): Promise<void> {
    const known = this.state.conversations[conversation]
    if (!known || seq <= known.read_seq) return
    const unread = Math.max(0, known.unread - (seq - known.read_seq))
    this.replace(withConversation(this.state, { ...known, read_seq: seq, unread }))
    this.reads.set(conversation, seq)
    await this.sayRead(conversation)
  }

  /** What is on the screen: who is there and who types is told of this one, until another is looked at. */
  async watch(conversation: Id | null): Promise<void> {
    if (conversation === this.watching) return
    this.watching = conversation
    await this.look()
  }

  /** Keeps what was begun on the account's other devices; null when that has to be tried again. */
  async keepDraft(conversation: Id, text: string): Promise<number | null> {
    if (this.connectionState !== 'live') return null
    const kept = await this.connection
      .request<{ at: number }>('draft', { conversation, text })
      .catch(() => null)
    if (!kept) return null
    const data = { conversation, text: text || null, at: kept.at }
    this.replace(apply(this.state, { ev: 'draft.changed', data }))
    return kept.at
  }

  typing(conversation: Id, now = Date.now()): void {
    if (now - (this.saidTyping.get(conversation) ?? 0) < TYPING_EVERY_MS) return
    this.saidTyping.set(conversation, now)
    this.connection.say('typing', { conversation })
  }

  // What an app needs to show

  /** Loads the newest messages of a conversation, and those missing since it was last looked at. */
  open(conversation: Id): Promise<void> {
    return this.once(`open ${conversation}`, async () => {
      await this.knowConversation(conversation)
      if (!this.state.threads[conversation]) await this.loadNewest(conversation)
      await this.catchUp(conversation)
    })
  }

  loadOlder(conversation: Id): Promise<void> {
    return this.once(`older ${conversation}`, async () => {
      const thread = this.state.threads[conversation]
      const before = thread?.messages[0]?.seq
      if (!thread || thread.fromStart || before === undefined) return
      this.join(conversation, await this.history(conversation, { before }), true)
    })
  }

  async knowConversation(id: Id): Promise<Conversation> {
    const known = this.state.conversations[id]
    if (known) return known
    const page = await this.wiring.api.conversations.get(id)
    const people = page.members.map((member) => member.person)
    this.replace(withPeople(withConversation(this.state, page.conversation), people))
    if (page.shop) this.learnShops([page.shop])
    return page.conversation
  }

  learnConversation(conversation: Conversation): void {
    this.replace(withConversation(this.state, conversation))
    if (this.isBehind(conversation.id)) this.catchUp(conversation.id).catch(() => {})
  }

  learnOrders(orders: readonly Order[]): void {
    this.replace(withOrders(this.state, orders))
  }

  learnShops(shops: readonly Shop[]): void {
    this.replace(withShops(this.state, shops))
  }

  learnPeople(people: readonly Person[]): void {
    this.replace(withPeople(this.state, people))
  }

  learn(event: Event): void {
    this.replace(apply(this.state, event))
  }

  /** Gets the order anew unless it is known; many cards may ask for the same one. */
  knowOrder(id: Id): Promise<void> {
    if (this.state.orders[id]) return Promise.resolve()
    return this.once(`order ${id}`, async () => {
      this.learnOrders([await this.wiring.api.orders.get(id)])
    })
  }

  knowShop(id: Id): Promise<void> {
    if (this.state.shops[id]) return Promise.resolve()
    return this.once(`shop ${id}`, async () => {
      this.learnShops([await this.wiring.api.shops.get(id)])
    })
  }

  /** Asks for the names of people who aren't known yet, all that are wanted in this moment at once. */
  knowPeople(ids: Iterable<Id>): void {
    const before = this.wantedPeople.size
    for (const id of ids) if (!this.state.people[id]) this.wantedPeople.add(id)
    if (before === 0 && this.wantedPeople.size > 0) queueMicrotask(() => this.askForPeople())
  }

  // What the connection tells

  stateChanged(state: ConnectionState): void {
    this.connectionState = state
    this.wiring.changed()
    if (state === 'live') void this.backInTouch()
  }

  greeted(hello: Hello): void {
    this.aheadMs = hello.server_time - Date.now()
    this.limits = hello.limits
    this.replace({ ...this.state, me: hello.me })
  }

  startedAfresh(snapshot: Snapshot): void {
    this.replace(startAfresh(this.state, snapshot))
  }

  happened(event: Event): void {
    this.replace(apply(this.state, event))
    if (event.ev === 'message.posted') {
      this.known([event.data])
      this.noticed(event.data)
    }
  }

  /** Asks for what is live only; a new connection watches nothing yet. */
  private async look(): Promise<void> {
    const conversation = this.watching
    if (this.connectionState !== 'live' || (!conversation && !this.state.watched)) return
    const seen = await this.connection
      .request<{ present?: Id[] }>('watch', { conversation })
      .catch(() => null)
    if (this.watching === conversation) {
      this.replace(withWatched(this.state, conversation, seen?.present ?? []))
      this.knowPeople(seen?.present?.filter((id) => !this.state.shops[id]) ?? [])
    }
  }

  /** Tells the other sides of two what has arrived here, a second's worth at once. */
  private receive(conversation: Conversation | undefined): void {
    if (!conversation || !RECEIPTS.has(conversation.kind) || conversation.role === 'staff') return
    this.receiving ??= setTimeout(() => this.sayReceived(), RECEIVE_MS)
    this.arrived.add(conversation.id)
  }

  private sayReceived(): void {
    const arrived = this.arrived
    this.receiving = undefined
    this.arrived = new Set()
    for (const id of arrived) {
      const known = this.state.conversations[id]
      if (!known || known.read_seq >= known.last_seq) continue
      if ((this.saidReceived.get(id) ?? 0) >= known.last_seq) continue
      this.saidReceived.set(id, known.last_seq)
      this.connection.say('received', { conversation: id, seq: known.last_seq })
    }
  }

  signedOut(): void {
    this.wiring.signedOut()
  }

  outdated(): void {
    const anew = this.wiring.outdated ?? reloadOnce
    anew()
  }

  // Inside

  private async sayRead(conversation: Id): Promise<void> {
    const seq = this.reads.get(conversation)
    if (seq === undefined || this.connectionState !== 'live') return
    try {
      await this.connection.request('read', { conversation, seq })
    } catch (error) {
      if (error instanceof Refusal && error.passing) return
    }
    if (this.reads.get(conversation) === seq) this.reads.delete(conversation)
  }

  /** What the server has is no longer on its way, whether it was answered or not. */
  private known(messages: readonly Message[]): void {
    const mine = messages.filter((message) => message.sender === this.state.me?.id)
    for (const message of mine) this.outbox.settle(message)
  }

  private noticed(message: Message): void {
    const known = this.state.conversations[message.conversation]
    if (message.sender !== this.state.me?.id) this.receive(known)
    if (message.sender) this.knowPeople([message.sender])
    if (!known) this.knowConversation(message.conversation).catch(() => {})
    if (this.isBehind(message.conversation)) {
      setTimeout(() => this.catchUp(message.conversation).catch(() => {}), GAP_PATIENCE_MS)
    }
  }

  private async backInTouch(): Promise<void> {
    void this.look()
    for (const each of this.waiting()) this.receive(each)
    const ids = new Set([...Object.keys(this.state.threads), ...Object.keys(this.state.ahead)])
    const outdated = [...ids].filter((id) => this.isBehind(id))
    await Promise.allSettled(outdated.map((id) => this.catchUp(id)))
    await this.flush()
  }

  private isBehind(conversation: Id): boolean {
    return gapAfter(this.state, conversation) !== null || behind(this.state, conversation) !== null
  }

  /** The newest of those in which something came while nobody was here. */
  private waiting(): Conversation[] {
    return Object.values(this.state.conversations)
      .filter((each) => each.unread > 0)
      .sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0))
      .slice(0, RECEIVED_MOST)
  }

  /** Sends what waits; when the server was too busy for it, a little later again. */
  private async flush(): Promise<void> {
    await Promise.all([
      this.outbox.flush(),
      ...[...this.reads.keys()].map((id) => this.sayRead(id)),
    ])
    const waits = this.outbox.waits || this.reads.size > 0
    if (!waits || this.connectionState !== 'live' || this.later) return
    this.later = setTimeout(() => {
      this.later = undefined
      void this.flush()
    }, AGAIN_MS)
  }

  private async deliver(item: Unsent): Promise<Message> {
    const { conversation, client_id, body } = item
    if (this.connectionState !== 'live') throw new Refusal('unreachable', 'There is no connection.')
    if (body.kind === 'product') {
      const { product, variant } = body
      return this.wiring.api.conversations.sendProduct(conversation, {
        client_id,
        product,
        variant,
      })
    }
    const said = await this.connection.request<{ seq: number; at: number }>('send', {
      conversation,
      client_id,
      body,
    })
    return {
      conversation,
      client_id,
      body,
      sender: this.state.me?.id ?? null,
      shop: this.sideOf(conversation),
      ...said,
    }
  }

  private sideOf(conversation: Id): Id | null {
    const known = this.state.conversations[conversation]
    return known?.role === 'staff' ? known.shop : null
  }

  private async take(message: Message): Promise<void> {
    const last = this.state.conversations[message.conversation]?.last_seq ?? 0
    // What was told already is as the server has it; this is only what it was asked to keep.
    if (message.seq > last) {
      this.replace(apply(this.state, { ev: 'message.posted', data: message }))
    }
    if (!this.isBehind(message.conversation)) return
    await this.catchUp(message.conversation).catch(() => {})
  }

  private catchUp(conversation: Id): Promise<void> {
    return this.once(`catch up ${conversation}`, async () => {
      await this.fillGap(conversation)
      for (let after = behind(this.state, conversation); after !== null; ) {
        const lastSeq = this.state.conversations[conversation]?.last_seq ?? 0
        if (lastSeq - after > FAR_BEHIND) return this.startThreadAgain(conversation)
        this.join(conversation, await this.history(conversation, { after }), false)
        const next = behind(this.state, conversation)
        if (next === after) return
        after = next
      }
    })
  }

  /** Fetches what is missing before what came too early; where that is too much, goes on without. */
  private async fillGap(conversation: Id): Promise<void> {
    for (let after = gapAfter(this.state, conversation); after !== null; ) {
      const far = gapSize(this.state, conversation) > FAR_BEHIND
      const messages = far ? [] : await this.history(conversation, { after })
      this.replace(filled(this.state, messages))
      this.known(messages)
      const next = gapAfter(this.state, conversation)
      if (next === after) this.replace(leapt(this.state, conversation))
      after = gapAfter(this.state, conversation)
    }
  }

  private async startThreadAgain(conversation: Id): Promise<void> {
    const messages = await this.history(conversation, {})
    this.state = withoutThread(this.state, conversation)
    this.join(conversation, messages, true)
  }

  private async loadNewest(conversation: Id): Promise<void> {
    this.join(conversation, await this.history(conversation, {}), true)
  }

  private history(
    conversation: Id,
    range: { before?: number; after?: number },
  ): Promise<Message[]> {
    return this.wiring.api.conversations.messages(conversation, { ...range, limit: HISTORY_LIMIT })
  }

  private join(conversation: Id, messages: Message[], towardsStart: boolean): void {
    const fromStart = towardsStart && (messages.length === 0 || messages[0]?.seq === 1)
    this.known(messages)
    this.replace(withHistory(this.state, conversation, messages, fromStart))
    this.knowPeople(messages.flatMap((message) => (message.sender ? [message.sender] : [])))
  }

  private async askForPeople(): Promise<void> {
    const ids = [...this.wantedPeople].slice(0, 100)
    this.wantedPeople = new Set()
    const people = await this.wiring.api.people.many(ids).catch(() => [])
    if (people.length) this.learnPeople(people)
  }

  /** Joins a running task of the same name instead of starting it twice. */
  private once(name: string, task: () => Promise<void>): Promise<void> {
    const running = this.loading.get(name)
    if (running) return running
    const started = task().finally(() => this.loading.delete(name))
    this.loading.set(name, started)
    return started
  }

  private unsentChanged(items: readonly Unsent[]): void {
    this.unsent = items
    this.wiring.changed()
  }

  private replace(state: State): void {
    if (state === this.state) return
    this.state = state
    this.wiring.changed()
  }
}

const RELOADED = 'dealings:reloaded'

/** Once a visit: were the same old app to come back, it would load for ever. */
function reloadOnce(): void {
  if (sessionStorage.getItem(RELOADED)) return
  sessionStorage.setItem(RELOADED, 'yes')
  location.reload()
}
