/**
 * What the server and the web apps say to each other: the types of the server's own schema under the
 * names of the field, and those of the WebSocket (docs/protocol.md), which the schema doesn't tell.
 * Times are milliseconds since 1970 in UTC.
 */
import type { components } from './schema.d.ts'

type Schemas = components['schemas']

/** In its answers the server leaves nothing out, also where a default would say the same. */
export type Told<T> = T extends readonly (infer E)[]
  ? Told<E>[]
  : T extends object
    ? { [K in keyof T]-?: Told<Exclude<T[K], undefined>> }
    : T

export type Id = string
export type Millis = number

export type Money = Schemas['Money']

export interface Page<T> {
  items: T[]
  next: string | null
}

export type Person = Told<Schemas['Person']>
export type Profile = Told<Schemas['Profile']>
export type Relation = Profile['relation']
export type Shop = Told<Schemas['Shop']>
export type Staffing = Told<Schemas['Staffing']>
export type ShopRole = Staffing['role']
export type StaffMember = Told<Schemas['StaffMember']>
export type Me = Told<Schemas['Me']>
export type SignedIn = Told<Schemas['SignedIn']>
export type Session = Told<Schemas['Session']>
export type Card = Told<Schemas['Card']>
export type Contact = Told<Schemas['Contact']>

export type Quote = Schemas['Quote']
export type TextBody = Schemas['Text']
export type ProductBody = Told<Schemas['ProductCard']>
export type OrderBody = Told<Schemas['OrderCard']>
export type NoticeBody = Told<Schemas['Notice']>
export type Body = TextBody | ProductBody | OrderBody | NoticeBody
export type Message = Omit<Told<Schemas['Message']>, 'body'> & { body: Body }

export type Conversation = Omit<Told<Schemas['Conversation']>, 'last'> & { last: Message | null }
export type ConversationKind = Conversation['kind']
export type MemberRole = Conversation['role']
export type Member = Told<Schemas['Member']>
export type ReadState = Told<Schemas['ReadState']>

export interface ConversationPage {
  conversation: Conversation
  members: Member[]
  shop: Shop | null
}

/** A member as the list of a group shows them. */
export type GroupMember = Told<Schemas['GroupMember']>
export type MembersPage = Told<Schemas['MembersPage']>
export type GroupSettings = Schemas['Settings']
export type Invite = Told<Schemas['Invite']>
export type NewInvite = Schemas['NewInvite']
export type InviteCard = Told<Schemas['InviteCard']>
export type JoinRequest = Told<Schemas['JoinRequest']>
export type Joined = Omit<Told<Schemas['Joined']>, 'conversation'> & {
  conversation: Conversation | null
}
export type ChannelCard = Told<Schemas['ChannelCard']>

/** How an account has arranged a conversation for itself. */
export type Arranged = Pick<Conversation, 'id' | 'muted' | 'pinned_at'>
/** Of those who can read a message, its writer aside: who has, whose devices have it, and the others. */
export type Readers = Told<Schemas['Readers']>

/** What every member sees alike of a group. */
export type GroupFacts = Pick<Conversation, 'id' | 'name' | 'picture' | 'member_count'> &
  Partial<
    Pick<
      Conversation,
      | 'notice'
      | 'notice_by'
      | 'notice_at'
      | 'silenced'
      | 'history_open'
      | 'members_invite'
      | 'approval'
      | 'listed'
    >
  > & {
    may_by_role?: Record<Exclude<MemberRole, 'staff'>, Conversation['may']>
  }

export type Picture = Told<Schemas['Picture']>
export type Variant = Told<Schemas['Variant']>
export type Product = Told<Schemas['Product']>
export type ProductState = Product['state']
export type ProductSummary = Told<Schemas['ProductSummary']>
export type ProductInput = Schemas['ProductInput']
export type VariantInput = Schemas['VariantInput']
export type ImportReport = Told<Schemas['ImportReport']>
export type Found = Told<Schemas['Found']>
export type Category = Told<Schemas['Category']>
/** As much of a shop as stands beside its goods. */
export type ShopMention = Told<Schemas['ShopRef']> & { picture?: string | null }

/** What led here: "m:<conversation>:<seq>", "search", "shop:<id>", "link:<code>" or "direct". */
export type Via = string

export type CartLine = Told<Schemas['CartLine']>
export type Address = Schemas['AddressLines']
export type Order = Told<Schemas['Order']>
export type OrderState = Order['state']
export type OrderLine = Told<Schemas['OrderLine']>
export type OrderAction = 'pay' | 'cancel' | 'ship' | 'confirm' | 'refund'
export type NewOrder = Schemas['OrderInput']
export type Cause = Told<Schemas['Cause']>
export type CauseKind = Cause['kind']
export type Shipment = Told<Schemas['Shipment']>

export type Balance = Told<Schemas['Balance']>
export type Wallet = Told<Schemas['Wallet']>
export type Entry = Told<Schemas['Entry']>

export type Touch = Schemas['TouchInput']
export type LinkTarget = Told<Schemas['LinkTarget']>
export type SharedLink = Told<Schemas['SharedLink']>

export type Funnel = Told<Schemas['Funnel']>
export type FunnelStep = Funnel['steps'][number]
export type FunnelRow = Told<Schemas['Row']>
export type Sale = Omit<Told<Schemas['Sale']>, 'message'> & { message: Message | null }
export type Trace = Told<Schemas['Trace']>
export type TraceStep = Told<Schemas['TraceStep']>
export type Equation = Told<Schemas['Equation']>
export type MoneyReport = Told<Schemas['MoneyReport']>
export type Health = Told<Schemas['Health']>
export type Sample = Health['series']['seconds'][number]
export type Vital = Health['vitals'][number]
export type NodeFigures = Health['nodes'][number]

/** What a fresh connection starts from (op "state"). */
export interface Snapshot {
  cursor: string
  conversations: Conversation[]
  people: Person[]
  shops: Shop[]
  contacts: Contact[]
  orders: Order[]
  wallet: Wallet
  cart: CartLine[]
}

export interface Hello {
  me: Me
  cursor: string
  resumed: boolean
  limits: Record<string, number>
  server_time: Millis
}

/** Someone came or went in the conversation that is watched; or, when many did, all who are there. */
export type PresenceChange =
  | { conversation: Id; account: Id; online: boolean }
  | { conversation: Id; present: Id[] }

/** Data of each event, by its name. */
export interface EventData {
  'message.posted': Message
  'conversation.changed': Conversation | GroupFacts | Arranged
  'conversation.left': { conversation: Id }
  'read.moved': { conversation: Id; reader: Id; seq: number; unread: number | null }
  'received.moved': { conversation: Id; reader: Id; seq: number }
  'draft.changed': { conversation: Id; text: string | null; at: Millis }
  presence: PresenceChange
  typing: { conversation: Id; account: Id }
  'contact.changed': Contact
  'contact.removed': { account: Id }
  'person.changed': Person
  'shop.changed': Shop
  'me.changed': Me
  'session.revoked': Record<string, never>
  'order.changed': Order
  'wallet.changed': Wallet
  'cart.changed': { lines: CartLine[] }
  'product.changed': ProductSummary
}

export type EventName = keyof EventData

export type Event = {
  [N in EventName]: { ev: N; at?: string; data: EventData[N] }
}[EventName]
