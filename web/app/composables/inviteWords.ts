import type { Invite } from '@shared/types'
import { useI18n } from 'vue-i18n'
import { useTimes } from './times'

/** How long, for how many and on what terms a link leads in, in one line. */
export function useInviteWords(): (invite: Invite) => string {
  const { t } = useI18n()
  const times = useTimes()
  return ({ expires_at: until, uses_left: uses, approval }) => {
    const parts = [
      until ? t('invites.until', { time: times.moment(until) }) : t('invites.forEver'),
      uses === null ? t('invites.anyone') : t('invites.usesLeft', uses),
    ]
    return [...parts, ...(approval ? [t('invites.asks')] : [])].join(' · ')
  }
}
