import type { Id, Via } from '@shared/types'
import { computed } from 'vue'
import { type LocationQuery, useRoute, useRouter } from 'vue-router'

const KINDS = [
  'product',
  'checkout',
  'pay',
  'order',
  'share',
  'cart',
  'topup',
  'readers',
  'notice',
  'invite',
  'member',
  'asking',
] as const
export type SheetKind = (typeof KINDS)[number]

export interface Sheet {
  kind: SheetKind
  id: Id
  via: Via
}

/** The sheet that the address asks for. */
export function sheetOf(query: LocationQuery): Sheet | null {
  const kind = text(query.sheet)
  if (!isKind(kind)) return null
  return { kind, id: text(query.of), via: text(query.via) || 'direct' }
}

/** Sheets lie over whatever page is open; they are part of the address, so "back" closes them. */
export function useSheets() {
  const route = useRoute()
  const router = useRouter()
  const sheet = computed(() => sheetOf(route.query))

  function open(kind: SheetKind, id: Id = '', via: Via = 'direct') {
    const query = { ...pageQuery(), sheet: kind, of: id || undefined, via }
    return router.push({ path: route.path, query })
  }

  /** Another sheet in the place of this one. */
  function swap(kind: SheetKind, id: Id = '', via: Via = 'direct') {
    const query = { ...pageQuery(), sheet: kind, of: id || undefined, via }
    return router.replace({ path: route.path, query })
  }

  function close() {
    if (window.history.state?.back) return router.back()
    return router.replace({ path: route.path, query: pageQuery() })
  }

  function pageQuery(): LocationQuery {
    const { sheet: _, of: __, via: ___, ...rest } = route.query
    return rest
  }

  return { sheet, open, swap, close }
}

function isKind(kind: string): kind is SheetKind {
  return (KINDS as readonly string[]).includes(kind)
}

function text(value: LocationQuery[string] | undefined): string {
  return typeof value === 'string' ? value : ''
}
