import { Refusal } from '@shared/api'
import { person } from '@shared/testing'
import type { GroupMember, MembersPage } from '@shared/types'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'

const members = vi.fn<(group: string, after: string | null) => Promise<MembersPage>>()
const live = reactive({ me: { id: 'mei' }, verbs: () => ({ learnPeople: () => {} }) })
vi.mock('../api', () => ({ api: { groups: { members } } }))
vi.mock('./live', () => ({ useLive: () => live }))
const { useRolls } = await import('./members')

function member(id: string, nickname: string | null = null): GroupMember {
  return { person: person(id), role: 'member', nickname, joined_at: 0, silenced_until: null }
}

/** A group of `many`, ten a page. */
function serve(many: number) {
  members.mockImplementation(async (_group, after) => {
    const from = Number(after ?? 0)
    const ids = Array.from({ length: Math.min(10, many - from) }, (_, at) => `p${from + at}`)
    const next = from + 10 < many ? String(from + 10) : null
    return { members: ids.map((id) => member(id)), next }
  })
}

beforeEach(() => {
  setActivePinia(createPinia())
  members.mockReset()
})

describe('the list of members', () => {
  it('comes page by page, and whole when somebody is looked for', async () => {
    serve(35)
    const rolls = useRolls()
    await rolls.again('g')
    expect(rolls.rolls.g?.members).toHaveLength(10)
    await rolls.more('g')
    expect(rolls.rolls.g?.members).toHaveLength(20)
    await rolls.all('g')
    expect(rolls.rolls.g?.members.map((it) => it.person.id).at(-1)).toBe('p34')
    expect(rolls.rolls.g?.next).toBeNull()
  })

  it('is asked for again as far as it was known, once for everything that happened meanwhile', async () => {
    serve(20)
    const rolls = useRolls()
    await rolls.all('g')
    members.mockClear()
    await Promise.all([rolls.again('g'), rolls.again('g'), rolls.again('g')])
    expect(members).toHaveBeenCalledTimes(2)
    serve(15)
    await rolls.again('g')
    expect(rolls.rolls.g?.members).toHaveLength(15)
  })

  it('says why it could not be had, keeps what it had, and stops asking', async () => {
    serve(30)
    const rolls = useRolls()
    await rolls.again('g')
    members.mockRejectedValue(new Refusal('unreachable', 'The server is away.'))
    await rolls.all('g')
    expect(rolls.refusals.g?.code).toBe('unreachable')
    expect(rolls.rolls.g?.members).toHaveLength(10)
    serve(30)
    await rolls.all('g')
    expect(rolls.refusals.g).toBeUndefined()
    expect(rolls.rolls.g?.members).toHaveLength(30)
  })

  it('knows by which name somebody goes in a group', async () => {
    members.mockResolvedValue({ members: [member('lin', '小雨')], next: null })
    const rolls = useRolls()
    await rolls.again('g')
    expect(rolls.nickname('g', 'lin')).toBe('小雨')
    expect(rolls.nickname('h', 'lin')).toBeNull()
  })
})
