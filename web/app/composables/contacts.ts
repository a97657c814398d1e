import type { Contact, Id } from '@shared/types'
import { api } from '../api'
import { useLive } from '../stores/live'
import { useIntent } from './intent'

/** What can be done with a contact; the lists follow at once. */
export function useContactActions() {
  const live = useLive()

  function told(account: Id, contact: Contact | undefined): void {
    if (contact) live.verbs().learn({ ev: 'contact.changed', data: contact })
    else live.verbs().learn({ ev: 'contact.removed', data: { account } })
  }

  function verb(act: (account: Id) => Promise<Contact | undefined>) {
    return useIntent(async (_key: string, account: Id) => {
      told(account, await act(account))
      return true
    })
  }

  return {
    accept: verb(api.contacts.accept),
    refuse: verb(api.contacts.refuse),
    block: verb(api.contacts.block),
    unblock: verb(api.contacts.unblock),
    remove: verb(async (account) => {
      await api.contacts.remove(account)
      return undefined
    }),
    ask: useIntent(
      async (key: string, wish: { account?: Id; code?: string; greeting?: string }) => {
        const contact = await api.contacts.ask(wish, key)
        told(contact.person.id, contact)
        return contact
      },
    ),
    remark: useIntent(async (_key: string, account: Id, remark: string) => {
      told(account, await api.contacts.remark(account, remark))
      return true
    }),
  }
}
