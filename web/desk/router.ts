import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { useSession } from './stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Seen without being signed in. */
    open?: boolean
    /** For the shop's owner only. */
    owner?: boolean
    /** For operators only. */
    operator?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(import.meta.env.BASE_URL),
  routes: [
    {
      path: '/sign-in',
      name: 'signIn',
      meta: { open: true },
      component: () => import('./pages/SignInPage.vue'),
    },
    {
      path: '/',
      component: () => import('./pages/DeskPage.vue'),
      children: [
        // Where to begin is known once the session is: the guard below decides.
        { path: '', name: 'start', component: { render: () => null } },
        { path: 'new-shop', name: 'newShop', component: () => import('./pages/NewShopPage.vue') },
        { path: 'settings', name: 'settings', component: () => import('./pages/SettingsPage.vue') },
        {
          path: 's/:shop',
          children: [
            { path: '', redirect: (to) => ({ name: 'inbox', params: to.params }) },
            {
              path: 'inbox/:conversation?',
              name: 'inbox',
              component: () => import('./pages/InboxPage.vue'),
            },
            { path: 'orders', name: 'orders', component: () => import('./pages/OrdersPage.vue') },
            {
              path: 'products',
              name: 'products',
              component: () => import('./pages/ProductsPage.vue'),
            },
            {
              path: 'products/new',
              name: 'newProduct',
              component: () => import('./pages/ProductPage.vue'),
            },
            {
              path: 'products/import',
              name: 'import',
              component: () => import('./pages/ImportPage.vue'),
            },
            {
              path: 'products/:product',
              name: 'product',
              component: () => import('./pages/ProductPage.vue'),
            },
            {
              path: 'insight',
              name: 'insight',
              component: () => import('./pages/InsightPage.vue'),
            },
            {
              path: 'money',
              name: 'money',
              meta: { owner: true },
              component: () => import('./pages/MoneyPage.vue'),
            },
          ],
        },
        {
          path: 'operator',
          meta: { operator: true },
          children: [
            { path: 'money', name: 'books', component: () => import('./pages/BooksPage.vue') },
            {
              path: 'insight',
              name: 'allShops',
              component: () => import('./pages/InsightPage.vue'),
            },
            { path: 'health', name: 'health', component: () => import('./pages/HealthPage.vue') },
          ],
        },
        { path: ':lost(.*)*', name: 'lost', component: () => import('./pages/LostPage.vue') },
      ],
    },
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  await session.load()
  if (!session.me) return to.meta.open || signInFirst(to)
  if (to.meta.open) return { name: 'start' }
  if (to.name === 'start') return startPlace()
  return allowed(to) || startPlace()
})

/** The page that was wanted comes back after signing in. */
function signInFirst(to: RouteLocationNormalized) {
  const next = to.name === 'start' ? undefined : to.fullPath
  return { name: 'signIn', query: { next } }
}

function allowed(to: RouteLocationNormalized): boolean {
  const session = useSession()
  if (to.meta.operator) return session.operator
  if (to.params.shop && !session.choose(String(to.params.shop))) return false
  return !to.meta.owner || session.owner
}

/** Where someone who just came in belongs. */
function startPlace() {
  const session = useSession()
  if (session.shop) return { name: 'inbox', params: { shop: session.shop.handle } }
  return { name: session.operator ? 'books' : 'newShop' }
}
