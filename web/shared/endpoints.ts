/** Every call of the HTTP API, by noun. Calls that change something take the `key` of the intent. */
import { createRequester, type Options, type Requester } from './api'
import type * as t from './types'

export type Api = ReturnType<typeof createApi>

interface PageQuery {
  cursor?: string | null
  limit?: number
}

export function createApi(options: Options = {}) {
  const ask = createRequester(options)
  return {
    session: sessionCalls(ask),
    me: meCalls(ask),
    people: peopleCalls(ask),
    contacts: contactCalls(ask),
    shops: shopCalls(ask),
    conversations: conversationCalls(ask),
    products: productCalls(ask),
    cart: cartCalls(ask),
    orders: orderCalls(ask),
    wallet: walletCalls(ask),
    insight: insightCalls(ask),
  }
}

function sessionCalls(ask: Requester) {
  return {
    signUp: (
      body: { handle: string; name: string; password: string; locale?: string },
      key?: string,
    ) => ask<t.SignedIn>('POST', '/accounts', { body, key }),
    signIn: (body: { handle: string; password: string }) =>
      ask<t.SignedIn>('POST', '/sessions', { body }),
    signOut: () => ask<void>('DELETE', '/sessions/current'),
    list: () => ask<t.Session[]>('GET', '/sessions'),
    revoke: (id: t.Id) => ask<void>('DELETE', '/sessions/{id}', { path: { id } }),
  }
}

function meCalls(ask: Requester) {
  return {
    get: () => ask<t.Me>('GET', '/me'),
    change: (body: { name?: string; bio?: string; locale?: string }) =>
      ask<t.Me>('PATCH', '/me', { body }),
    setAvatar: (file: Blob) => ask<t.Me>('PUT', '/me/avatar', { body: formOf(file) }),
    changePassword: (body: { old: string; new: string }) =>
      ask<void>('POST', '/me/password', { body }),
    address: () => ask<t.Address | null>('GET', '/me/address'),
    setAddress: (body: t.Address) => ask<t.Address>('PUT', '/me/address', { body }),
    card: () => ask<t.Card>('GET', '/me/card'),
    renewCard: () => ask<t.Card>('POST', '/me/card'),
  }
}

function peopleCalls(ask: Requester) {
  return {
    byCard: (code: string) => ask<t.Profile>('GET', '/cards/{code}', { path: { code } }),
    get: (id: t.Id) => ask<t.Profile>('GET', '/people/{id}', { path: { id } }),
    many: (ids: t.Id[]) => ask<t.Person[]>('GET', '/people', { query: { ids: ids.join(',') } }),
    find: (q: string) => ask<t.Profile[]>('GET', '/people', { query: { q } }),
  }
}

function contactCalls(ask: Requester) {
  const act = (verb: string) => (account: t.Id) =>
    ask<t.Contact | undefined>('POST', `/contacts/{account}/${verb}`, { path: { account } })
  return {
    list: () => ask<t.Contact[]>('GET', '/contacts'),
    ask: (body: { account?: t.Id; code?: string; greeting?: string }, key?: string) =>
      ask<t.Contact>('POST', '/contacts', { body, key }),
    accept: act('accept'),
    refuse: act('refuse'),
    block: act('block'),
    unblock: act('unblock'),
    remark: (account: t.Id, remark: string) =>
      ask<t.Contact>('PATCH', '/contacts/{account}', { path: { account }, body: { remark } }),
    remove: (account: t.Id) => ask<void>('DELETE', '/contacts/{account}', { path: { account } }),
  }
}

function shopCalls(ask: Requester) {
  return {
    get: (id: string) => ask<t.Shop>('GET', '/shops/{id}', { path: { id } }),
    list: (query: PageQuery = {}) => ask<t.Page<t.Shop>>('GET', '/shops', { query: { ...query } }),
    open: (
      body: { handle: string; name: string; tagline: string; currency: string },
      key?: string,
    ) => ask<t.Shop>('POST', '/shops', { body, key }),
    change: (id: t.Id, body: { name?: string; tagline?: string }) =>
      ask<t.Shop>('PATCH', '/shops/{id}', { path: { id }, body }),
    setPicture: (id: t.Id, file: Blob) =>
      ask<t.Shop>('PUT', '/shops/{id}/picture', { path: { id }, body: formOf(file) }),
    staff: (id: t.Id) =>
      ask<{ person: t.Person; role: t.ShopRole }[]>('GET', '/shops/{id}/staff', { path: { id } }),
    addStaff: (id: t.Id, body: { handle: string; role: t.ShopRole }) =>
      ask<unknown>('POST', '/shops/{id}/staff', { path: { id }, body }),
    removeStaff: (id: t.Id, account: t.Id) =>
      ask<void>('DELETE', '/shops/{id}/staff/{account}', { path: { id, account } }),
    inbox: (id: t.Id, query: PageQuery & { waiting?: boolean } = {}) =>
      ask<t.Page<t.Conversation>>('GET', '/shops/{id}/inbox', {
        path: { id },
        query: { ...query },
      }),
    products: (id: t.Id, query: PageQuery & { state?: t.ProductState } = {}) =>
      ask<t.Page<t.ProductSummary>>('GET', '/shops/{id}/products', {
        path: { id },
        query: { ...query },
      }),
    addProduct: (id: t.Id, body: t.ProductInput, key?: string) =>
      ask<t.Product>('POST', '/shops/{id}/products', { path: { id }, body, key }),
    import: (id: t.Id, file: File, query: { dry_run: boolean; skip_bad: boolean }, key?: string) =>
      ask<t.ImportReport>('POST', '/shops/{id}/imports', {
        path: { id },
        query,
        body: formOf(file),
        key,
      }),
    orders: (id: t.Id, query: PageQuery & { state?: string; buyer?: t.Id; q?: string } = {}) =>
      ask<t.Page<t.Order>>('GET', '/shops/{id}/orders', { path: { id }, query: { ...query } }),
    wallet: (id: t.Id) => ask<t.Wallet>('GET', '/shops/{id}/wallet', { path: { id } }),
    statement: (id: t.Id, query: PageQuery = {}) =>
      ask<t.Page<t.Entry>>('GET', '/shops/{id}/statement', { path: { id }, query: { ...query } }),
  }
}

type NewConversation =
  | { kind: 'direct'; account: t.Id }
  | { kind: 'group'; name: string; members: t.Id[] }
  | { kind: 'shop'; shop: t.Id }

function conversationCalls(ask: Requester) {
  return {
    list: () => ask<t.Conversation[]>('GET', '/conversations'),
    get: (id: t.Id) => ask<t.ConversationPage>('GET', '/conversations/{id}', { path: { id } }),
    open: (body: NewConversation, key?: string) =>
      ask<t.Conversation>('POST', '/conversations', { body, key }),
    messages: (id: t.Id, query: { before?: number; after?: number; limit?: number } = {}) =>
      ask<t.Message[]>('GET', '/conversations/{id}/messages', {
        path: { id },
        query: { ...query },
      }),
    send: (id: t.Id, body: { client_id: string; body: t.TextBody }) =>
      ask<t.Message>('POST', '/conversations/{id}/messages', {
        path: { id },
        body,
        key: body.client_id,
      }),
    read: (id: t.Id, seq: number) =>
      ask<{ read_seq: number; unread: number }>('POST', '/conversations/{id}/read', {
        path: { id },
        body: { seq },
      }),
    sendProduct: (id: t.Id, body: { client_id: string; product: t.Id; variant?: t.Id | null }) =>
      ask<t.Message>('POST', '/conversations/{id}/products', {
        path: { id },
        body,
        key: body.client_id,
      }),
    rename: (id: t.Id, name: string) =>
      ask<t.Conversation>('PATCH', '/conversations/{id}', { path: { id }, body: { name } }),
    addMembers: (id: t.Id, accounts: t.Id[]) =>
      ask<unknown>('POST', '/conversations/{id}/members', { path: { id }, body: { accounts } }),
    removeMember: (id: t.Id, account: t.Id) =>
      ask<void>('DELETE', '/conversations/{id}/members/{account}', { path: { id, account } }),
  }
}

function productCalls(ask: Requester) {
  return {
    get: (id: t.Id) => ask<t.Product>('GET', '/products/{id}', { path: { id } }),
    replace: (id: t.Id, body: t.ProductInput, key?: string) =>
      ask<t.Product>('PUT', '/products/{id}', { path: { id }, body, key }),
    changeVariant: (id: t.Id, body: { price?: number; on_hand?: number }) =>
      ask<t.Variant>('PATCH', '/variants/{id}', { path: { id }, body }),
    addPicture: (id: t.Id, file: Blob) =>
      ask<t.Picture>('POST', '/products/{id}/pictures', { path: { id }, body: formOf(file) }),
    removePicture: (id: t.Id, picture: t.Id) =>
      ask<void>('DELETE', '/products/{id}/pictures/{picture}', { path: { id, picture } }),
    search: (q: string, kind?: 'products' | 'shops' | 'people') =>
      ask<t.Found>('GET', '/search', { query: { q, kind } }),
    link: (code: string) => ask<t.SharedLink>('GET', '/links/{code}', { path: { code } }),
    share: (id: t.Id) => ask<t.NewLink>('POST', '/products/{id}/links', { path: { id } }),
    touch: (touches: t.Touch[]) => ask<void>('POST', '/touches', { body: { touches } }),
  }
}

function cartCalls(ask: Requester) {
  return {
    list: () => ask<t.CartLine[]>('GET', '/cart'),
    put: (variant: t.Id, body: { quantity: number; via: t.Via }, key?: string) =>
      ask<t.CartLine[]>('PUT', '/cart/{variant}', { path: { variant }, body, key }),
    remove: (variant: t.Id) =>
      ask<t.CartLine[]>('DELETE', '/cart/{variant}', { path: { variant } }),
  }
}

function orderCalls(ask: Requester) {
  const act = (verb: string) => (id: t.Id, key?: string) =>
    ask<t.Order>('POST', `/orders/{id}/${verb}`, { path: { id }, key })
  return {
    place: (body: t.NewOrder, key: string) => ask<t.Order[]>('POST', '/orders', { body, key }),
    mine: (query: PageQuery & { state?: string } = {}) =>
      ask<t.Page<t.Order>>('GET', '/orders', { query: { ...query } }),
    get: (id: t.Id) => ask<t.Order>('GET', '/orders/{id}', { path: { id } }),
    pay: act('pay'),
    cancel: act('cancel'),
    confirm: act('confirm'),
    refund: (id: t.Id, reason: string, key?: string) =>
      ask<t.Order>('POST', '/orders/{id}/refund', { path: { id }, body: { reason }, key }),
    ship: (id: t.Id, body: t.Shipment, key?: string) =>
      ask<t.Order>('POST', '/orders/{id}/ship', { path: { id }, body, key }),
    trace: (id: t.Id) => ask<t.Trace>('GET', '/orders/{id}/trace', { path: { id } }),
  }
}

function walletCalls(ask: Requester) {
  return {
    get: () => ask<t.Wallet>('GET', '/wallet'),
    statement: (query: PageQuery = {}) =>
      ask<t.Page<t.Entry>>('GET', '/wallet/statement', { query: { ...query } }),
    topUp: (body: t.Money, key: string) => ask<t.Wallet>('POST', '/wallet/topups', { body, key }),
  }
}

function insightCalls(ask: Requester) {
  return {
    funnel: (shop: t.Id, query: { from?: number; to?: number } = {}) =>
      ask<t.Funnel>('GET', '/shops/{shop}/funnel', { path: { shop }, query }),
    sales: (shop: t.Id, query: PageQuery & { cause?: string; from?: number; to?: number } = {}) =>
      ask<t.Page<t.Sale>>('GET', '/shops/{shop}/sales', { path: { shop }, query: { ...query } }),
    money: () => ask<t.MoneyReport>('GET', '/operator/money'),
    wholeFunnel: (query: { from?: number; to?: number } = {}) =>
      ask<t.Funnel>('GET', '/operator/funnel', { query }),
    health: () => ask<Record<string, unknown>>('GET', '/operator/health'),
  }
}

function formOf(file: Blob): FormData {
  const form = new FormData()
  form.append('file', file)
  return form
}
