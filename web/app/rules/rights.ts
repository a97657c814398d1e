import type { Conversation, GroupMember, Millis } from '@shared/types'

/** Whether one may write, else why not. */
export type Writing =
  | { kind: 'free' }
  | { kind: 'reader' }
  | { kind: 'silenced'; until: Millis }
  | { kind: 'admins' }

export function writing(conversation: Conversation, now: Millis): Writing {
  const { silenced_until: until, may } = conversation
  if (conversation.kind === 'channel' && !may.includes('write')) return { kind: 'reader' }
  if (until && until > now) return { kind: 'silenced', until }
  return may.includes('write') ? { kind: 'free' } : { kind: 'admins' }
}

export const mayManage = (it: Conversation) => it.may.includes('manage')
export const mayInvite = (it: Conversation) => it.may.includes('invite')
export const owns = (it: Conversation) => it.may.includes('own')

export type Deed = 'admin' | 'member' | 'handOver' | 'silence' | 'unsilence' | 'remove'

/** What one may do with another member: admins with members, the owner with everybody. */
export function deedsOn(
  conversation: Conversation,
  member: Pick<GroupMember, 'role' | 'silenced_until'>,
  now: Millis,
): Deed[] {
  const deeds: Deed[] = []
  const plain = member.role === 'member'
  if (member.role === 'owner' || !mayManage(conversation)) return deeds
  if (owns(conversation)) deeds.push(plain ? 'admin' : 'member', 'handOver')
  if (plain && conversation.kind === 'group') {
    deeds.push((member.silenced_until ?? 0) > now ? 'unsilence' : 'silence')
  }
  if (plain || owns(conversation)) deeds.push('remove')
  return deeds
}
