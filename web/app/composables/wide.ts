import { onScopeDispose, ref } from 'vue'

const query = window.matchMedia('(min-width: 900px)')

/** Whether two panes fit. */
export function useWide() {
  const wide = ref(query.matches)
  const follow = () => {
    wide.value = query.matches
  }
  query.addEventListener('change', follow)
  onScopeDispose(() => query.removeEventListener('change', follow))
  return wide
}
