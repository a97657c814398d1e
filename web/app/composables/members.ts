import type { GroupMember, Id } from '@shared/types'
import { computed, watch } from 'vue'
import { useLive } from '../stores/live'
import { useRolls } from '../stores/members'

/** The members of a group, as far as they were asked for; asked again when somebody comes, goes or changes their part. */
export function useMembers(id: () => Id) {
  const live = useLive()
  const rolls = useRolls()
  const roll = computed(() => rolls.rolls[id()])
  const members = computed<readonly GroupMember[]>(() => roll.value?.members ?? [])
  const hasMore = computed(() => !!roll.value?.next)
  const refusal = computed(() => rolls.refusals[id()] ?? null)

  let told = 0
  watch(
    () => {
      const it = live.state.conversations[id()]
      if (it?.last?.body.kind === 'notice') told = it.last.seq
      return `${id()} ${it?.member_count} ${it?.role} ${it?.nickname} ${told}`
    },
    () => void rolls.again(id()),
    { immediate: true },
  )

  return {
    members,
    hasMore,
    refusal,
    loading: computed(() => !roll.value && !refusal.value),
    more: () => rolls.more(id()),
    all: () => rolls.all(id()),
    again: () => rolls.again(id()),
  }
}
