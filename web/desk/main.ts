import '@shared/tokens.css'
import '@shared/base.css'
import '@shared/element.css'
import './desk.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { reloadForNewVersion } from './composables/newVersion'
import { applyTheme, savedTheme } from './composables/theme'
import { setUp } from './i18n'
import { router } from './router'

reloadForNewVersion()
applyTheme(savedTheme())

createApp(App)
  .use(createPinia())
  .use(await setUp())
  .use(router)
  .mount('#root')
