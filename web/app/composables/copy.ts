import { showToast } from 'vant'
import 'vant/es/toast/style'

/** Copies a text and says so; where the browser won't, selects nothing and says that. */
export async function copied(text: string, t: (key: string) => string): Promise<void> {
  try {
    await write(text)
    showToast(t('common.copied'))
  } catch {
    showToast(t('common.notCopied'))
  }
}

async function write(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  // Plain http on a local network has no clipboard; the old way still works there.
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (!done) throw new Error('not copied')
}
