import { Refusal } from '@shared/api'
import type { GroupMember, Id } from '@shared/types'
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { api } from '../api'
import { useLive } from './live'

/** As much of a group's list of members as was asked for, in the server's order. */
export interface Roll {
  members: readonly GroupMember[]
  /** Where the next page begins; null when this is all of them. */
  next: string | null
}

/** Members of groups, page by page; kept while the app is open, so that names are there at once. */
export const useRolls = defineStore('rolls', () => {
  const live = useLive()
  const rolls = shallowRef<Readonly<Record<Id, Roll>>>({})
  const refusals = shallowRef<Readonly<Record<Id, Refusal>>>({})
  const running = new Map<Id, Promise<void>>()
  /** Groups whose list is to be asked for again once what runs is done; once is enough, however much happened. */
  const queued = new Map<Id, Promise<void>>()

  // Somebody else signs in here: what one sees of a group isn't for the other.
  watch(
    () => live.me?.id,
    () => {
      rolls.value = {}
      refusals.value = {}
    },
  )

  /** The first page, or as many as were there before, as they are now. */
  function again(id: Id): Promise<void> {
    const waiting = queued.get(id)
    if (waiting) return waiting
    const done = alone(id, async () => {
      queued.delete(id)
      const wanted = rolls.value[id]?.members.length ?? 0
      let roll = await pageOf(id, { members: [], next: null })
      while (roll.next && roll.members.length < wanted) roll = await pageOf(id, roll)
      put(id, roll)
    })
    queued.set(id, done)
    return done
  }

  function more(id: Id): Promise<void> {
    return alone(id, async () => {
      const known = rolls.value[id]
      if (known?.next) put(id, await pageOf(id, known))
    })
  }

  /** All of them: a group has up to 5,000, a hundred a page. */
  async function all(id: Id): Promise<void> {
    if (!rolls.value[id] || refusals.value[id]) await again(id)
    while (rolls.value[id]?.next && !refusals.value[id]) await more(id)
  }

  async function pageOf(id: Id, before: Roll): Promise<Roll> {
    const page = await api.groups.members(id, before.next)
    const known = new Set(before.members.map(({ person }) => person.id))
    const added = page.members.filter(({ person }) => !known.has(person.id))
    live.verbs().learnPeople(added.map(({ person }) => person))
    return { members: [...before.members, ...added], next: page.next }
  }

  function put(id: Id, roll: Roll): void {
    rolls.value = { ...rolls.value, [id]: roll }
  }

  /** One thing at a time for each group, one after the other. */
  function alone(id: Id, task: () => Promise<void>): Promise<void> {
    const done = (running.get(id) ?? Promise.resolve()).then(() => noting(id, task))
    running.set(id, done)
    return done
  }

  async function noting(id: Id, task: () => Promise<void>): Promise<void> {
    const { [id]: _, ...others } = refusals.value
    refusals.value = others
    try {
      await task()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refusals.value = { ...others, [id]: error }
    }
  }

  /** What a member is called in this group, if they chose a name for it. */
  function nickname(conversation: Id, account: Id): string | null {
    const members = rolls.value[conversation]?.members
    return members?.find(({ person }) => person.id === account)?.nickname ?? null
  }

  return { rolls, refusals, again, more, all, nickname }
})
