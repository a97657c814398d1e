import type { Id, Picture, Product } from '@shared/types'
import { uuid7 } from '@shared/uuid7'
import { computed, ref, shallowRef } from 'vue'
import { api } from '../api'
import { emptyForm, faultsOf, formOf, inputOf } from '../rules/productForm'
import { useProducts } from '../stores/products'
import { useSession } from '../stores/session'
import { useAsking } from './asking'

/** One product being written: loaded, changed, saved; pictures go up once it exists. */
export function useProductEditor(id: () => Id | null) {
  const session = useSession()
  const products = useProducts()

  const product = shallowRef<Product | null>(null)
  const form = ref(emptyForm())
  const saved = ref(JSON.stringify(form.value))
  const queued = shallowRef<File[]>([])
  const tried = ref(false)
  let key = uuid7()

  const currency = computed(() => session.shop?.currency ?? 'CNY')
  const faults = computed(() => (tried.value ? faultsOf(form.value, currency.value) : []))
  const dirty = computed(
    () => JSON.stringify(form.value) !== saved.value || queued.value.length > 0,
  )

  const loading = useAsking(async () => {
    const known = id()
    if (known) take(await api.products.get(known))
  })

  const saving = useAsking(async () => {
    tried.value = true
    if (faultsOf(form.value, currency.value).length) return
    take(await sent())
    key = uuid7()
    tried.value = false
    await sendQueued()
  })

  const picturing = useAsking(async (files: File[]) => {
    if (!product.value) queued.value = [...queued.value, ...files]
    else for (const file of files) await addPicture(file)
  })

  const removing = useAsking(async (picture: Picture) => {
    const known = product.value
    if (!known) return
    await api.products.removePicture(known.id, picture.id)
    show({ ...known, pictures: known.pictures.filter((one) => one.id !== picture.id) })
  })

  function sent(): Promise<Product> {
    const input = inputOf(form.value, currency.value)
    const known = product.value
    if (known) return api.products.replace(known.id, input, key)
    return api.shops.addProduct(session.shop?.id ?? '', input, key)
  }

  async function sendQueued(): Promise<void> {
    for (const file of queued.value) {
      await addPicture(file)
      queued.value = queued.value.filter((one) => one !== file)
    }
  }

  async function addPicture(file: File): Promise<void> {
    const known = product.value
    if (!known) return
    const picture = await api.products.addPicture(known.id, file)
    show({ ...(product.value ?? known), pictures: [...(product.value ?? known).pictures, picture] })
  }

  function take(fresh: Product): void {
    show(fresh)
    form.value = formOf(fresh)
    saved.value = JSON.stringify(form.value)
  }

  function show(fresh: Product): void {
    product.value = fresh
    products.put(fresh)
  }

  return { product, form, queued, currency, faults, dirty, loading, saving, picturing, removing }
}
