import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vite'
import { configure } from '../vite.shared.ts'

export default defineConfig(
  configure({
    name: 'desk',
    base: '/desk/',
    resolver: ElementPlusResolver({ importStyle: 'css' }),
  }),
)
