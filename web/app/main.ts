import '@shared/tokens.css'
import '@shared/base.css'
import '@shared/vant.css'
import './app.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { setUp } from './i18n'
import { router } from './router'

createApp(App)
  .use(createPinia())
  .use(router)
  .use(await setUp())
  .mount('#root')
