import { defineStore } from 'pinia'
import { ref } from 'vue'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const SAVED_AS = 'dealings.theme'

export const useTheme = defineStore('theme', () => {
  const saved = localStorage.getItem(SAVED_AS)
  const theme = ref<Theme>(THEMES.find((each) => each === saved) ?? 'auto')
  show()

  function choose(next: Theme): void {
    theme.value = next
    localStorage.setItem(SAVED_AS, next)
    show()
  }

  function show(): void {
    const { dataset } = document.documentElement
    if (theme.value === 'auto') delete dataset.theme
    else dataset.theme = theme.value
  }

  return { theme, choose }
})
