/** Every call of the HTTP API, by noun. Calls that change something take the `key` of the intent. */
import {
  answering,
  asForm,
  type Client,
  createTypedClient,
  keyed,
  type Options,
  type Teller,
} from './api'
import { channelCalls, groupCalls, inviteCalls, memberCalls } from './groupEndpoints'
import type * as t from './types'

export type Api = ReturnType<typeof createApi>

interface PageQuery {
  cursor?: string | null
  limit?: number
}

export function createApi(options: Options = {}) {
  const client = createTypedClient(options)
  const told = answering(options)
  return {
    session: sessionCalls(client, told),
    me: meCalls(client, told),
    people: peopleCalls(client, told),
    contacts: contactCalls(client, told),
    shops: { ...shopCalls(client, told), ...shelfCalls(client, told), ...tillCalls(client, told) },
    conversations: conversationCalls(client, told),
    groups: { ...groupCalls(client, told), ...memberCalls(client, told) },
    invites: inviteCalls(client, told),
    channels: channelCalls(client, told),
    products: productCalls(client, told),
    cart: cartCalls(client, told),
    orders: orderCalls(client, told),
    wallet: walletCalls(client, told),
    insight: insightCalls(client, told),
  }
}

function sessionCalls(client: Client, told: Teller) {
  return {
    signUp: (
      body: { handle: string; name: string; password: string; locale?: 'en' | 'zh-CN' },
      key?: string,
    ): Promise<t.SignedIn> => told(client.POST('/api/v1/accounts', { body, ...keyed(key) })),
    signIn: (body: { handle: string; password: string }): Promise<t.SignedIn> =>
      told(client.POST('/api/v1/sessions', { body })),
    signOut: () => told(client.DELETE('/api/v1/sessions/current')),
    list: (): Promise<t.Session[]> => told(client.GET('/api/v1/sessions')),
    revoke: (session: t.Id) =>
      told(client.DELETE('/api/v1/sessions/{session}', { params: { path: { session } } })),
  }
}

function meCalls(client: Client, told: Teller) {
  return {
    get: (): Promise<t.Me> => told(client.GET('/api/v1/me')),
    change: (body: { name?: string; bio?: string; locale?: 'en' | 'zh-CN' }): Promise<t.Me> =>
      told(client.PATCH('/api/v1/me', { body })),
    setAvatar: (file: Blob): Promise<t.Me> =>
      told(client.PUT('/api/v1/me/avatar', { ...asForm(file) })),
    changePassword: (body: { old: string; new: string }) =>
      told(client.POST('/api/v1/me/password', { body })),
    address: (): Promise<t.Address | null> => told(client.GET('/api/v1/me/address')),
    setAddress: (body: t.Address): Promise<t.Address> =>
      told(client.PUT('/api/v1/me/address', { body })),
    card: (): Promise<t.Card> => told(client.GET('/api/v1/me/card')),
    renewCard: (): Promise<t.Card> => told(client.POST('/api/v1/me/card')),
  }
}

function peopleCalls(client: Client, told: Teller) {
  return {
    byCard: (code: string): Promise<t.Profile> =>
      told(client.GET('/api/v1/cards/{code}', { params: { path: { code } } })),
    get: (person: t.Id): Promise<t.Profile> =>
      told(client.GET('/api/v1/people/{person}', { params: { path: { person } } })),
    many: async (ids: t.Id[]): Promise<t.Person[]> =>
      (await told(
        client.GET('/api/v1/people', { params: { query: { ids: ids.join(',') } } }),
      )) as t.Person[],
    find: async (q: string): Promise<t.Profile[]> =>
      (await told(client.GET('/api/v1/people', { params: { query: { q } } }))) as t.Profile[],
  }
}

function contactCalls(client: Client, told: Teller) {
  const at = (account: t.Id) => ({ params: { path: { account } } })
  return {
    list: (): Promise<t.Contact[]> => told(client.GET('/api/v1/contacts')),
    ask: (
      body: { account?: t.Id; code?: string; greeting?: string },
      key?: string,
    ): Promise<t.Contact> =>
      told(
        client.POST('/api/v1/contacts', {
          body: { greeting: '', ...body },
          ...keyed(key),
        }),
      ),
    accept: (account: t.Id): Promise<t.Contact> =>
      told(client.POST('/api/v1/contacts/{account}/accept', at(account))),
    refuse: async (account: t.Id): Promise<undefined> => {
      await told(client.POST('/api/v1/contacts/{account}/refuse', at(account)))
    },
    block: (account: t.Id): Promise<t.Contact> =>
      told(client.POST('/api/v1/contacts/{account}/block', at(account))),
    /** Undefined when nothing is left of the contact. */
    unblock: (account: t.Id): Promise<t.Contact | undefined> =>
      told(client.POST('/api/v1/contacts/{account}/unblock', at(account))),
    remark: (account: t.Id, remark: string): Promise<t.Contact> =>
      told(client.PATCH('/api/v1/contacts/{account}', { ...at(account), body: { remark } })),
    remove: (account: t.Id) => told(client.DELETE('/api/v1/contacts/{account}', at(account))),
  }
}

function shopCalls(client: Client, told: Teller) {
  const at = (shop: t.Id) => ({ params: { path: { shop } } })
  return {
    get: (shop: string): Promise<t.Shop> => told(client.GET('/api/v1/shops/{shop}', at(shop))),
    list: (query: PageQuery = {}): Promise<t.Page<t.Shop>> =>
      told(client.GET('/api/v1/shops', { params: { query } })),
    open: (
      body: { handle: string; name: string; tagline: string; currency: string },
      key?: string,
    ): Promise<t.Shop> => told(client.POST('/api/v1/shops', { body, ...keyed(key) })),
    change: (shop: t.Id, body: { name?: string; tagline?: string }): Promise<t.Shop> =>
      told(client.PATCH('/api/v1/shops/{shop}', { ...at(shop), body })),
    setPicture: (shop: t.Id, file: Blob): Promise<t.Shop> =>
      told(client.PUT('/api/v1/shops/{shop}/picture', { ...at(shop), ...asForm(file) })),
    staff: (shop: t.Id): Promise<t.StaffMember[]> =>
      told(client.GET('/api/v1/shops/{shop}/staff', at(shop))),
    addStaff: (shop: t.Id, body: { handle: string; role: 'staff' }) =>
      told(client.POST('/api/v1/shops/{shop}/staff', { ...at(shop), body })),
    removeStaff: (shop: t.Id, account: t.Id) =>
      told(
        client.DELETE('/api/v1/shops/{shop}/staff/{account}', {
          params: { path: { shop, account } },
        }),
      ),
    inbox: (
      shop: t.Id,
      query: PageQuery & { waiting?: boolean } = {},
    ): Promise<t.Page<t.Conversation>> =>
      told(client.GET('/api/v1/shops/{shop}/inbox', { params: { path: { shop }, query } })),
  }
}

function shelfCalls(client: Client, told: Teller) {
  const at = (shop: t.Id) => ({ params: { path: { shop } } })
  return {
    products: (
      shop: t.Id,
      query: PageQuery & { state?: t.ProductState } = {},
    ): Promise<t.Page<t.ProductSummary>> =>
      told(client.GET('/api/v1/shops/{shop}/products', { params: { path: { shop }, query } })),
    addProduct: (shop: t.Id, body: t.ProductInput, key?: string): Promise<t.Product> =>
      told(client.POST('/api/v1/shops/{shop}/products', { ...at(shop), body, ...keyed(key) })),
    import: (
      shop: t.Id,
      file: File,
      query: { dry_run: boolean; skip_bad: boolean },
      key?: string,
    ): Promise<t.ImportReport> =>
      told(
        client.POST('/api/v1/shops/{shop}/imports', {
          params: { path: { shop }, query },
          ...asForm(file),
          ...keyed(key),
        }),
      ),
  }
}

function tillCalls(client: Client, told: Teller) {
  return {
    orders: (
      shop: t.Id,
      query: PageQuery & { state?: t.OrderState; buyer?: t.Id; q?: string } = {},
    ): Promise<t.Page<t.Order>> =>
      told(client.GET('/api/v1/shops/{shop}/orders', { params: { path: { shop }, query } })),
    wallet: (shop: t.Id): Promise<t.Wallet> =>
      told(client.GET('/api/v1/shops/{shop}/wallet', { params: { path: { shop } } })),
    statement: (shop: t.Id, query: PageQuery = {}): Promise<t.Page<t.Entry>> =>
      told(client.GET('/api/v1/shops/{shop}/statement', { params: { path: { shop }, query } })),
  }
}

type NewConversation =
  | { kind: 'direct'; account: t.Id }
  | { kind: 'group'; name: string; members: t.Id[] }
  | { kind: 'shop'; shop: t.Id }

function conversationCalls(client: Client, told: Teller) {
  const at = (conversation: t.Id) => ({ params: { path: { conversation } } })
  return {
    list: (): Promise<t.Conversation[]> => told(client.GET('/api/v1/conversations')),
    get: (conversation: t.Id): Promise<t.ConversationPage> =>
      told(client.GET('/api/v1/conversations/{conversation}', at(conversation))),
    open: (body: NewConversation, key?: string): Promise<t.Conversation> =>
      told(client.POST('/api/v1/conversations', { body, ...keyed(key) })),
    messages: (
      conversation: t.Id,
      query: { before?: number; after?: number; limit?: number } = {},
    ): Promise<t.Message[]> =>
      told(
        client.GET('/api/v1/conversations/{conversation}/messages', {
          params: { path: { conversation }, query },
        }),
      ),
    send: (conversation: t.Id, body: { client_id: string; body: t.TextBody }): Promise<t.Message> =>
      told(
        client.POST('/api/v1/conversations/{conversation}/messages', {
          ...at(conversation),
          body,
          ...keyed(body.client_id),
        }),
      ),
    read: (conversation: t.Id, seq: number): Promise<t.ReadState> =>
      told(
        client.POST('/api/v1/conversations/{conversation}/read', {
          ...at(conversation),
          body: { seq },
        }),
      ),
    arrange: (
      conversation: t.Id,
      body: { muted?: boolean; pinned?: boolean },
    ): Promise<t.Conversation> =>
      told(client.PUT('/api/v1/conversations/{conversation}/mine', { ...at(conversation), body })),
    readers: (conversation: t.Id, seq: number): Promise<t.Readers> =>
      told(
        client.GET('/api/v1/conversations/{conversation}/messages/{seq}/readers', {
          params: { path: { conversation, seq } },
        }),
      ),
    sendProduct: (
      conversation: t.Id,
      body: { client_id: string; product: t.Id; variant?: t.Id | null },
    ): Promise<t.Message> =>
      told(
        client.POST('/api/v1/conversations/{conversation}/products', {
          ...at(conversation),
          body,
          ...keyed(body.client_id),
        }),
      ),
    rename: (conversation: t.Id, name: string): Promise<t.Conversation> =>
      told(
        client.PATCH('/api/v1/conversations/{conversation}', {
          ...at(conversation),
          body: { name },
        }),
      ),
    addMembers: (conversation: t.Id, accounts: t.Id[]): Promise<t.Conversation> =>
      told(
        client.POST('/api/v1/conversations/{conversation}/members', {
          ...at(conversation),
          body: { accounts },
        }),
      ),
    removeMember: (conversation: t.Id, account: t.Id) =>
      told(
        client.DELETE('/api/v1/conversations/{conversation}/members/{account}', {
          params: { path: { conversation, account } },
        }),
      ),
  }
}

function productCalls(client: Client, told: Teller) {
  const at = (product: t.Id) => ({ params: { path: { product } } })
  return {
    get: (product: t.Id): Promise<t.Product> =>
      told(client.GET('/api/v1/products/{product}', at(product))),
    replace: (product: t.Id, body: t.ProductInput, key?: string): Promise<t.Product> =>
      told(client.PUT('/api/v1/products/{product}', { ...at(product), body, ...keyed(key) })),
    changeVariant: (
      variant: t.Id,
      body: { price?: number; on_hand?: number },
    ): Promise<t.Variant> =>
      told(client.PATCH('/api/v1/variants/{variant}', { params: { path: { variant } }, body })),
    addPicture: (product: t.Id, file: Blob): Promise<t.Picture> =>
      told(client.POST('/api/v1/products/{product}/pictures', { ...at(product), ...asForm(file) })),
    removePicture: (product: t.Id, picture: t.Id) =>
      told(
        client.DELETE('/api/v1/products/{product}/pictures/{picture}', {
          params: { path: { product, picture } },
        }),
      ),
    categories: (): Promise<t.Category[]> => told(client.GET('/api/v1/categories')),
    inCategory: (category: string, query: PageQuery = {}): Promise<t.Page<t.ProductSummary>> =>
      told(client.GET('/api/v1/products', { params: { query: { category, ...query } } })),
    search: (q: string, kind?: 'products' | 'shops' | 'people'): Promise<t.Found> =>
      told(client.GET('/api/v1/search', { params: { query: { q, kind } } })),
    link: (code: string): Promise<t.LinkTarget> =>
      told(client.GET('/api/v1/links/{code}', { params: { path: { code } } })),
    share: (product: t.Id): Promise<t.SharedLink> =>
      told(client.POST('/api/v1/products/{product}/links', at(product))),
    touch: (touches: t.Touch[]) => told(client.POST('/api/v1/touches', { body: { touches } })),
  }
}

function cartCalls(client: Client, told: Teller) {
  const at = (variant: t.Id) => ({ params: { path: { variant } } })
  return {
    list: (): Promise<t.CartLine[]> => told(client.GET('/api/v1/cart')),
    put: (
      variant: t.Id,
      body: { quantity: number; via: t.Via },
      key?: string,
    ): Promise<t.CartLine[]> =>
      told(client.PUT('/api/v1/cart/{variant}', { ...at(variant), body, ...keyed(key) })),
    remove: (variant: t.Id): Promise<t.CartLine[]> =>
      told(client.DELETE('/api/v1/cart/{variant}', at(variant))),
  }
}

function orderCalls(client: Client, told: Teller) {
  const at = (order: t.Id, key?: string) => ({ params: { path: { order } }, ...keyed(key) })
  return {
    place: (body: t.NewOrder, key: string): Promise<t.Order[]> =>
      told(client.POST('/api/v1/orders', { body, ...keyed(key) })),
    mine: (query: PageQuery & { state?: t.OrderState } = {}): Promise<t.Page<t.Order>> =>
      told(client.GET('/api/v1/orders', { params: { query } })),
    get: (order: t.Id): Promise<t.Order> =>
      told(client.GET('/api/v1/orders/{order}', { params: { path: { order } } })),
    pay: (order: t.Id, key?: string): Promise<t.Order> =>
      told(client.POST('/api/v1/orders/{order}/pay', at(order, key))),
    cancel: (order: t.Id, key?: string): Promise<t.Order> =>
      told(client.POST('/api/v1/orders/{order}/cancel', at(order, key))),
    confirm: (order: t.Id, key?: string): Promise<t.Order> =>
      told(client.POST('/api/v1/orders/{order}/confirm', at(order, key))),
    refund: (order: t.Id, reason: string, key?: string): Promise<t.Order> =>
      told(client.POST('/api/v1/orders/{order}/refund', { ...at(order, key), body: { reason } })),
    ship: (order: t.Id, body: t.Shipment, key?: string): Promise<t.Order> =>
      told(client.POST('/api/v1/orders/{order}/ship', { ...at(order, key), body })),
    trace: (order: t.Id): Promise<t.Trace> =>
      told(client.GET('/api/v1/orders/{order}/trace', { params: { path: { order } } })),
  }
}

function walletCalls(client: Client, told: Teller) {
  return {
    get: (): Promise<t.Wallet> => told(client.GET('/api/v1/wallet')),
    statement: (query: PageQuery = {}): Promise<t.Page<t.Entry>> =>
      told(client.GET('/api/v1/wallet/statement', { params: { query } })),
    topUp: (body: t.Money, key: string): Promise<t.Wallet> =>
      told(client.POST('/api/v1/wallet/topups', { body, ...keyed(key) })),
  }
}

function insightCalls(client: Client, told: Teller) {
  return {
    funnel: (shop: t.Id, query: { from?: number; to?: number } = {}): Promise<t.Funnel> =>
      told(client.GET('/api/v1/shops/{shop}/funnel', { params: { path: { shop }, query } })),
    sales: (
      shop: t.Id,
      query: PageQuery & { cause?: t.CauseKind; from?: number; to?: number } = {},
    ): Promise<t.Page<t.Sale>> =>
      told(client.GET('/api/v1/shops/{shop}/sales', { params: { path: { shop }, query } })),
    money: (): Promise<t.MoneyReport> => told(client.GET('/api/v1/operator/money')),
    wholeFunnel: (query: { from?: number; to?: number } = {}): Promise<t.Funnel> =>
      told(client.GET('/api/v1/operator/funnel', { params: { query } })),
    /** `after`: the newest sample known of `node`, so that only younger ones come. */
    health: (query: { node?: string; after?: number } = {}): Promise<t.Health> =>
      told(client.GET('/api/v1/operator/health', { params: { query } })),
  }
}
