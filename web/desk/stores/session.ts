import { Refusal } from '@shared/api'
import type { Id, Me, Shop, Staffing } from '@shared/types'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api } from '../api'

const LAST_SHOP = 'dealings.desk.shop'

/** Who is at the desk, and for which shop. */
export const useSession = defineStore('session', () => {
  const me = shallowRef<Me | null>(null)
  const asked = ref(false)
  /** The server knows the session no more; the page waits under a new sign-in. */
  const ended = ref(false)
  const handle = ref(localStorage.getItem(LAST_SHOP) ?? '')

  const staffings = computed<Staffing[]>(() => me.value?.shops ?? [])
  const staffing = computed(
    () => staffings.value.find((one) => one.shop.handle === handle.value) ?? staffings.value[0],
  )
  const shop = computed<Shop | null>(() => staffing.value?.shop ?? null)
  const owner = computed(() => staffing.value?.role === 'owner')
  const operator = computed(() => me.value?.operator ?? false)

  /** Asks once who is signed in; nobody is an answer, an unreachable server is not. */
  async function load(): Promise<void> {
    if (asked.value) return
    me.value = await api.me.get().catch(nobody)
    asked.value = true
  }

  async function signIn(handle: string, password: string): Promise<void> {
    const signed = await api.session.signIn({ handle, password })
    enter(signed.me)
  }

  async function signUp(name: string, handle: string, password: string, key: string) {
    const signed = await api.session.signUp({ name, handle, password }, key)
    enter(signed.me)
  }

  function enter(account: Me): void {
    me.value = account
    asked.value = true
    ended.value = false
  }

  async function signOut(): Promise<void> {
    await api.session.signOut()
    leave()
  }

  function leave(): void {
    me.value = null
    asked.value = true
    ended.value = false
  }

  function end(): void {
    ended.value = me.value !== null
  }

  async function refresh(): Promise<void> {
    me.value = await api.me.get()
  }

  /** True when this account works for the shop. */
  function choose(chosen: string): boolean {
    const known = staffings.value.some((one) => one.shop.handle === chosen)
    if (known) {
      handle.value = chosen
      localStorage.setItem(LAST_SHOP, chosen)
    }
    return known
  }

  function shopById(id: Id): Shop | undefined {
    return staffings.value.find((one) => one.shop.id === id)?.shop
  }

  return {
    me,
    shop,
    staffings,
    owner,
    operator,
    load,
    signIn,
    signUp,
    signOut,
    leave,
    ended,
    end,
    enter,
    refresh,
    choose,
    shopById,
  }
})

function nobody(error: unknown): null {
  if (error instanceof Refusal && error.status === 401) return null
  throw error
}
