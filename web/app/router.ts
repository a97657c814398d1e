import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useSession } from './stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** One of the four tabs; shown in the left column where two fit. */
    tab?: Section
    /** The tab that this page belongs to when it is opened by its address. */
    section?: Section
    /** Shown to people who aren't signed in, and to nobody else. */
    outside?: boolean
    /** Shown to everyone, signed in or not. */
    open?: boolean
  }
}

export type Section = 'chats' | 'find' | 'wallet' | 'me'

const chats = { section: 'chats' } as const
const find = { section: 'find' } as const
const me = { section: 'me' } as const

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/chats' },
  { path: '/sign-in', component: () => import('./pages/SignInPage.vue'), meta: { outside: true } },
  { path: '/sign-up', component: () => import('./pages/SignUpPage.vue'), meta: { outside: true } },

  { path: '/chats', component: () => import('./pages/ChatsPage.vue'), meta: { tab: 'chats' } },
  { path: '/find', component: () => import('./pages/FindPage.vue'), meta: { tab: 'find' } },
  { path: '/wallet', component: () => import('./pages/WalletPage.vue'), meta: { tab: 'wallet' } },
  { path: '/me', component: () => import('./pages/MePage.vue'), meta: { tab: 'me' } },

  {
    path: '/c/:id',
    component: () => import('./pages/ConversationPage.vue'),
    props: true,
    meta: chats,
  },
  {
    path: '/c/:id/info',
    component: () => import('./pages/ConversationInfoPage.vue'),
    props: true,
    meta: chats,
  },
  {
    path: '/c/:id/add',
    component: () => import('./pages/AddMembersPage.vue'),
    props: true,
    meta: chats,
  },
  {
    path: '/c/:id/members',
    component: () => import('./pages/MembersPage.vue'),
    props: true,
    meta: chats,
  },
  {
    path: '/join/:code',
    component: () => import('./pages/JoinPage.vue'),
    props: true,
    meta: { section: 'chats', open: true },
  },
  { path: '/channels/new', component: () => import('./pages/NewChannelPage.vue'), meta: chats },
  {
    path: '/channels/:id',
    component: () => import('./pages/ChannelPage.vue'),
    props: true,
    meta: find,
  },
  { path: '/groups/new', component: () => import('./pages/NewGroupPage.vue'), meta: chats },
  { path: '/contacts', component: () => import('./pages/ContactsPage.vue'), meta: chats },
  { path: '/contacts/new', component: () => import('./pages/AddContactPage.vue'), meta: chats },
  { path: '/u/:code', component: () => import('./pages/PersonPage.vue'), props: true, meta: chats },
  {
    path: '/people/:id',
    component: () => import('./pages/PersonPage.vue'),
    props: true,
    meta: chats,
  },

  { path: '/shops/:id', component: () => import('./pages/ShopPage.vue'), props: true, meta: find },
  {
    path: '/products/:id',
    component: () => import('./pages/ProductPage.vue'),
    props: true,
    meta: find,
  },
  { path: '/p/:code', component: () => import('./pages/LinkPage.vue'), props: true, meta: find },
  { path: '/cart', component: () => import('./pages/CartPage.vue'), meta: find },
  { path: '/orders', component: () => import('./pages/OrdersPage.vue'), meta: me },
  { path: '/orders/:id', component: () => import('./pages/OrderPage.vue'), props: true, meta: me },

  { path: '/me/profile', component: () => import('./pages/ProfilePage.vue'), meta: me },
  { path: '/me/card', component: () => import('./pages/CardPage.vue'), meta: me },
  { path: '/me/address', component: () => import('./pages/AddressPage.vue'), meta: me },
  { path: '/me/sessions', component: () => import('./pages/SessionsPage.vue'), meta: me },
  { path: '/me/password', component: () => import('./pages/PasswordPage.vue'), meta: me },

  { path: '/:rest(.*)*', component: () => import('./pages/NowherePage.vue'), meta: chats },
]

export const router = createRouter({
  history: createWebHistory(import.meta.env.BASE_URL),
  routes,
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (session.state === 'unknown') await session.look()
  if (session.state === 'out' && !to.meta.outside && !to.meta.open) {
    return { path: '/sign-in', query: to.path === '/chats' ? {} : { next: to.fullPath } }
  }
  if (session.state === 'in' && to.meta.outside) return nextOf(to.query.next)
  return true
})

/** Where a person wanted to go before signing in; only ever a place of this app. */
export function nextOf(next: unknown): string {
  return typeof next === 'string' && /^\/(?!\/)/.test(next) ? next : '/chats'
}
