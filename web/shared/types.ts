/** What the server and the web apps say to each other. Times are milliseconds since 1970 in UTC. */

export type Id = string
export type Millis = number

export interface Money {
  amount: number
  currency: string
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface Person {
  id: Id
  handle: string
  name: string
  avatar: string | null
  bio: string
}

export type Relation = 'self' | 'none' | 'asked' | 'asking' | 'accepted' | 'blocked'

export interface Profile extends Person {
  relation: Relation
  remark: string | null
  card: string | null
}

export interface Shop {
  id: Id
  handle: string
  name: string
  tagline: string
  picture: string | null
  currency: string
  owner: Id
  created_at: Millis
}

export type ShopRole = 'owner' | 'staff'

export interface Staffing {
  shop: Shop
  role: ShopRole
}

export interface Me {
  id: Id
  handle: string
  name: string
  avatar: string | null
  bio: string
  locale: 'zh-CN' | 'en' | null
  operator: boolean
  shops: Staffing[]
  created_at: Millis
}

export interface SignedIn {
  me: Me
  token: string
}

export interface Session {
  id: Id
  created_at: Millis
  seen_at: Millis
  agent: string
  address: string
  current: boolean
}

export interface Card {
  code: string
  link: string
  svg: string
}

export interface Contact {
  person: Person
  state: 'asked' | 'asking' | 'accepted' | 'blocked'
  remark: string | null
  greeting: string
  changed_at: Millis
}

export type ConversationKind = 'direct' | 'group' | 'shop'
export type MemberRole = 'owner' | 'admin' | 'member' | 'staff'

export interface Conversation {
  id: Id
  kind: ConversationKind
  name: string | null
  picture: string | null
  peer: Id | null
  shop: Id | null
  buyer: Id | null
  role: MemberRole
  member_count: number
  last_seq: number
  last: Message | null
  read_seq: number
  peer_read_seq: number | null
  /** At most 100; 100 is shown as "99+". */
  unread: number
  created_at: Millis
}

/** What every member sees alike of a group. */
export interface GroupFacts {
  id: Id
  name: string | null
  picture: string | null
  member_count: number
}

export interface Member {
  person: Person
  role: MemberRole
  read_seq: number
}

export interface ConversationPage {
  conversation: Conversation
  members: Member[]
  shop: Shop | null
}

export interface Quote {
  seq: number
  text: string
}

export interface TextBody {
  kind: 'text'
  text: string
  quote?: Quote | null
  product?: Id | null
}

export interface ProductBody {
  kind: 'product'
  product: Id
  shop: Id
  title: string
  picture: string | null
  price: Money
  price_max: Money | null
  variant: Id | null
}

export interface OrderBody {
  kind: 'order'
  order: Id
  number: string
  title: string
  picture: string | null
  quantity: number
  total: Money
  state: OrderState
}

export interface NoticeBody {
  kind: 'notice'
  code: string
  params: Record<string, string>
  order: Id | null
}

export type Body = TextBody | ProductBody | OrderBody | NoticeBody

export interface Message {
  conversation: Id
  seq: number
  sender: Id | null
  shop: Id | null
  client_id: string
  body: Body
  at: Millis
}

export interface Picture {
  id: Id
  url: string
  alt: string
}

export interface Variant {
  id: Id
  sku: string
  options: string[]
  price: Money
  compare_at: Money | null
  on_hand: number | null
  available: number
  picture: string | null
}

export interface Product {
  id: Id
  shop: Shop
  handle: string
  title: string
  html: string
  vendor: string
  type: string
  tags: string[]
  pictures: Picture[]
  options: string[]
  variants: Variant[]
  price: Money
  price_max: Money | null
  state: ProductState
  changed_at: Millis
}

export type ProductState = 'active' | 'hidden'

export interface ShopMention {
  id: Id
  handle: string
  name: string
  picture?: string | null
}

export interface ProductSummary {
  id: Id
  shop: ShopMention
  title: string
  picture: string | null
  price: Money
  price_max: Money | null
  available: number
  state: ProductState
}

export interface VariantInput {
  id?: Id | null
  sku: string
  options: string[]
  price: number
  compare_at: number | null
  on_hand: number
}

export interface ProductInput {
  title: string
  html: string
  vendor: string
  type: string
  tags: string[]
  options: string[]
  variants: VariantInput[]
  state: ProductState
}

export interface ImportReport {
  products: number
  variants: number
  stock: number
  errors: { line: number; code: string; message: string; message_zh?: string }[]
  written: boolean
}

export interface Found {
  products: ProductSummary[]
  shops: Shop[]
  people: Profile[]
}

/** What led here: "m:<conversation>:<seq>", "search", "shop:<id>", "link:<code>" or "direct". */
export type Via = string

export interface CartLine {
  variant: Id
  product: Id
  shop: ShopMention
  title: string
  options: string[]
  picture: string | null
  price: Money
  quantity: number
  available: number
  via: Via
  added_at: Millis
}

export interface Address {
  name: string
  phone: string
  text: string
}

export type OrderState =
  | 'placed'
  | 'paid'
  | 'shipped'
  | 'received'
  | 'settled'
  | 'closed'
  | 'refunded'

export type OrderAction = 'pay' | 'cancel' | 'ship' | 'confirm' | 'refund'

export type CauseKind =
  | 'direct_chat'
  | 'shop_chat'
  | 'group'
  | 'search'
  | 'shop_page'
  | 'link'
  | 'direct'

export interface Cause {
  kind: CauseKind
  conversation: Id | null
  seq: number | null
  link: string | null
  shared_by: Id | null
}

export interface OrderLine {
  variant: Id
  product: Id
  title: string
  options: string[]
  picture: string | null
  price: Money
  quantity: number
  via: Via
  cause: Cause
}

export interface Shipment {
  carrier: string
  tracking: string
}

export interface Order {
  id: Id
  number: string
  buyer: Person
  shop: ShopMention
  state: OrderState
  lines: OrderLine[]
  total: Money
  address: Address | null
  note: string
  shipment: Shipment | null
  conversation: Id
  cause: Cause
  placed_at: Millis
  pay_by: Millis | null
  paid_at: Millis | null
  shipped_at: Millis | null
  confirm_by: Millis | null
  received_at: Millis | null
  settled_at: Millis | null
  closed_at: Millis | null
  refunded_at: Millis | null
  changed_at: Millis
  actions: OrderAction[]
}

export interface NewOrder {
  lines: { variant: Id; quantity: number; via: Via }[]
  address: Address
  note: string
  from_cart: boolean
}

export interface Balance {
  currency: string
  available: number
  held: number
}

export interface Wallet {
  balances: Balance[]
  sandbox: boolean
}

export interface Entry {
  id: Id
  at: Millis
  amount: Money
  balance: Money
  reason: string
  counterparty: string
  order: Id | null
  cause: Cause | null
}

export interface Touch {
  step: 'seen' | 'opened'
  product: Id
  via: Via
}

export interface SharedLink {
  product: Id
  shared_by: Id | null
}

export interface NewLink {
  code: string
  link: string
}

export type FunnelStep = 'seen' | 'opened' | 'asked' | 'ordered' | 'paid' | 'confirmed'

export interface FunnelRow {
  cause: CauseKind | null
  counts: number[]
  paid: Money
  confirmed: Money
  refunded: Money
  rates: number[]
}

export interface Funnel {
  from: Millis
  to: Millis
  steps: FunnelStep[]
  total: FunnelRow
  by_cause: FunnelRow[]
  checked: { paid: Money; ledger: Money; equal: boolean }
}

export interface Sale {
  order: Id
  number: string
  buyer: Person
  state: OrderState
  total: Money
  cause: Cause
  at: Millis
  message: Message | null
}

export interface TraceStep {
  at: Millis
  what: string
  who: Person | null
  text: string
  conversation: Id | null
  seq: number | null
}

export interface Trace {
  order: Order
  steps: TraceStep[]
}

export interface Equation {
  code: string
  currency: string
  left: { label: string; amount: number }[]
  right: { label: string; amount: number }[]
  holds: boolean
}

export interface MoneyReport {
  checked_at: Millis
  equations: Equation[]
}

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

/** Data of each event, by its name. */
export interface EventData {
  'message.posted': Message
  'conversation.changed': Conversation | GroupFacts
  'conversation.left': { conversation: Id }
  'read.moved': { conversation: Id; reader: Id; seq: number; unread: number | null }
  typing: { conversation: Id; account: Id }
  'contact.changed': Contact
  'contact.removed': { account: Id }
  'person.changed': Person
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
