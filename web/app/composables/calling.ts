import type { Conversation, Id } from '@shared/types'
import { computed, nextTick, type Ref, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import {
  ALL_NAMES,
  type Called,
  type Calling,
  calledIn,
  callingAt,
  EVERYONE,
  fitting,
  withCalled,
} from '../rules/mentions'
import { mayManage } from '../rules/rights'
import { useDrafts } from '../stores/drafts'
import { useLive } from '../stores/live'
import { useRolls } from '../stores/members'
import { useNames } from './names'

/** Someone as the list beside an @ shows them; `name` is what will stand in the text for all to read. */
export interface Choice extends Called {
  shown: string
  handle: string
  avatar: string | null
}

const OFFERED_MOST = 30

/** Calling people in what is being written: who fits what was typed after an @, and whom the text calls. */
export function useCalling(
  conversation: () => Conversation,
  field: Ref<HTMLTextAreaElement | null>,
) {
  const { t } = useI18n()
  const live = useLive()
  const rolls = useRolls()
  const drafts = useDrafts()
  const names = useNames()
  const calling = ref<Calling | null>(null)
  const at = ref(0)

  const members = computed(() => rolls.rolls[conversation().id]?.members ?? [])
  const everybody = computed<Choice[]>(() => (mayManage(conversation()) ? [forAll()] : []))

  function forAll(): Choice {
    const name = t('conversation.everyone')
    return { id: EVERYONE, name, shown: name, handle: 'all', avatar: null }
  }
  const people = computed<Choice[]>(() =>
    members.value
      .filter(({ person }) => person.id !== live.me?.id)
      .map(({ person, nickname }) => ({
        id: person.id,
        name: nickname ?? person.name,
        shown: names.member(person.id, conversation().id),
        handle: person.handle,
        avatar: person.avatar,
      })),
  )
  const choices = computed<Choice[]>(() => {
    if (!calling.value) return []
    const all = [...everybody.value, ...people.value]
    const namesOf = (it: Choice) => [it.shown, it.name, it.handle]
    return fitting(all, calling.value.query, namesOf).slice(0, OFFERED_MOST)
  })

  /** After each key and each move of the caret. */
  function look(): void {
    const it = field.value
    const here = it && conversation().kind === 'group' ? callingAt(it.value, it.selectionEnd) : null
    if (here && !calling.value) void rolls.all(conversation().id)
    calling.value = here
  }

  function close(): void {
    calling.value = null
  }

  async function choose({ id, name }: Called): Promise<void> {
    const it = field.value
    if (!it || !calling.value) return
    const { id: group } = conversation()
    const { text, caret } = withCalled(it.value, calling.value, name)
    close()
    drafts.change(group, { text, called: [...(drafts.of(group).called ?? []), { id, name }] })
    await nextTick()
    it.focus()
    it.setSelectionRange(caret, caret)
  }

  /** Arrows, Enter and Escape belong to the list while it is open. True when the key was taken. */
  function pressed(event: KeyboardEvent): boolean {
    const many = choices.value.length
    if (!many || event.isComposing) return false
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step) at.value = (at.value + step + many) % many
    else if (event.key === 'Escape') close()
    else if (event.key === 'Enter' || event.key === 'Tab') {
      const choice = choices.value[at.value]
      if (choice) void choose(choice)
    } else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  /** Whom a text calls: who was picked, and who was written out by their name. */
  function called(text: string): Id[] {
    if (conversation().kind !== 'group' || !text.includes('@')) return []
    const picked = drafts.of(conversation().id).called ?? []
    const all = mayManage(conversation()) ? ALL_NAMES : []
    return calledIn(text, [...picked, ...all, ...people.value])
  }

  watch(choices, () => {
    at.value = 0
  })

  return { choices, at, look, close, choose, pressed, called }
}
