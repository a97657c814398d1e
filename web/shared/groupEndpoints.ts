/** The calls about groups and channels: how they look, who is in them, and the ways in. */
import { asForm, type Client, keyed, type Teller } from './api'
import type * as t from './types'

export function groupCalls(client: Client, told: Teller) {
  const at = (conversation: t.Id) => ({ params: { path: { conversation } } })
  return {
    setPicture: (conversation: t.Id, file: Blob): Promise<t.Conversation> =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/picture', {
          ...at(conversation),
          ...asForm(file),
        }),
      ),
    setNotice: (conversation: t.Id, text: string): Promise<t.Conversation> =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/notice', {
          ...at(conversation),
          body: { text },
        }),
      ),
    set: (conversation: t.Id, body: t.GroupSettings): Promise<t.Conversation> =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/settings', { ...at(conversation), body }),
      ),
    setNickname: (conversation: t.Id, nickname: string): Promise<t.Conversation> =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/nickname', {
          ...at(conversation),
          body: { nickname },
        }),
      ),
    handOver: (conversation: t.Id, account: t.Id): Promise<t.Conversation> =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/owner', {
          ...at(conversation),
          body: { account },
        }),
      ),
  }
}

export function memberCalls(client: Client, told: Teller) {
  const at = (conversation: t.Id, account: t.Id) => ({
    params: { path: { conversation, account } },
  })
  return {
    members: (conversation: t.Id, after: string | null = null): Promise<t.MembersPage> =>
      told(
        client.GET('/api/v1/conversations/{conversation}/members', {
          params: { path: { conversation }, query: { after } },
        }),
      ),
    setRole: (conversation: t.Id, account: t.Id, role: 'admin' | 'member') =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/members/{account}/role', {
          ...at(conversation, account),
          body: { role },
        }),
      ),
    /** `until`: null gives the word back. */
    silence: (conversation: t.Id, account: t.Id, until: t.Millis | null) =>
      told(
        client.PUT('/api/v1/conversations/{conversation}/members/{account}/silence', {
          ...at(conversation, account),
          body: { until },
        }),
      ),
    requests: (conversation: t.Id): Promise<t.JoinRequest[]> =>
      told(
        client.GET('/api/v1/conversations/{conversation}/requests', {
          params: { path: { conversation } },
        }),
      ),
    decide: (conversation: t.Id, account: t.Id, accept: boolean) =>
      told(
        client.POST('/api/v1/conversations/{conversation}/requests/{account}', {
          ...at(conversation, account),
          body: { accept },
        }),
      ),
  }
}

export function inviteCalls(client: Client, told: Teller) {
  const at = (conversation: t.Id) => ({ params: { path: { conversation } } })
  return {
    list: (conversation: t.Id): Promise<t.Invite[]> =>
      told(client.GET('/api/v1/conversations/{conversation}/invites', at(conversation))),
    make: (conversation: t.Id, body: t.NewInvite, key?: string): Promise<t.Invite> =>
      told(
        client.POST('/api/v1/conversations/{conversation}/invites', {
          ...at(conversation),
          body,
          ...keyed(key),
        }),
      ),
    revoke: (conversation: t.Id, code: string) =>
      told(
        client.DELETE('/api/v1/conversations/{conversation}/invites/{code}', {
          params: { path: { conversation, code } },
        }),
      ),
    /** The link as an SVG element. */
    qr: (conversation: t.Id, code: string): Promise<string> =>
      told(
        client.GET('/api/v1/conversations/{conversation}/invites/{code}/qr', {
          params: { path: { conversation, code } },
          parseAs: 'text',
        }),
      ),
    card: (code: string): Promise<t.InviteCard> =>
      told(client.GET('/api/v1/invites/{code}', { params: { path: { code } } })),
    join: (code: string, key?: string): Promise<t.Joined> =>
      told(
        client.POST('/api/v1/invites/{code}/join', { params: { path: { code } }, ...keyed(key) }),
      ),
  }
}

export function channelCalls(client: Client, told: Teller) {
  const at = (channel: t.Id) => ({ params: { path: { channel } } })
  return {
    open: (
      body: { name: string; notice: string; listed: boolean },
      key?: string,
    ): Promise<t.Conversation> => told(client.POST('/api/v1/channels', { body, ...keyed(key) })),
    find: (query: string): Promise<t.ChannelCard[]> =>
      told(client.GET('/api/v1/channels', { params: { query: { query } } })),
    get: (channel: t.Id): Promise<t.ChannelCard> =>
      told(client.GET('/api/v1/channels/{channel}', at(channel))),
    follow: (channel: t.Id): Promise<t.Conversation> =>
      told(client.PUT('/api/v1/channels/{channel}/follow', at(channel))),
    unfollow: (channel: t.Id) =>
      told(client.DELETE('/api/v1/channels/{channel}/follow', at(channel))),
  }
}
