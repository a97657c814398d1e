import { Refusal } from '@shared/api'
import type { Language } from '@shared/i18n'
import type { Me, SignedIn } from '@shared/types'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { api, whenSignedOut } from '../api'
import { useLive } from './live'

/** Who is signed in, as the cookie says; "unknown" until the server was asked once. */
export const useSession = defineStore('session', () => {
  const state = ref<'unknown' | 'in' | 'out'>('unknown')
  const refusal = shallowRef<Refusal | null>(null)
  /** Whether the session ended because the person said so. */
  const byChoice = ref(false)
  const live = useLive()

  async function enter(me: Me): Promise<void> {
    await live.begin(me, leave)
    byChoice.value = false
    state.value = 'in'
  }

  function leave(): void {
    live.end()
    state.value = 'out'
  }

  async function look(): Promise<void> {
    refusal.value = null
    try {
      await enter(await api.me.get())
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.passing) refusal.value = error
      else state.value = 'out'
    }
  }

  async function signIn(handle: string, password: string): Promise<void> {
    await entered(await api.session.signIn({ handle, password }))
  }

  async function signUp(
    person: { handle: string; name: string; password: string; locale: Language },
    key: string,
  ): Promise<void> {
    await entered(await api.session.signUp(person, key))
  }

  async function entered({ me }: SignedIn): Promise<void> {
    await enter(me)
  }

  async function signOut(): Promise<void> {
    byChoice.value = true // before the connection hears that the session is over
    await api.session.signOut()
    leave()
  }

  whenSignedOut(() => {
    if (state.value === 'in') leave()
  })

  return { state, byChoice, refusal, look, signIn, signUp, signOut }
})
