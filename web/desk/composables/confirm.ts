import 'element-plus/es/components/message-box/style/css'
import { ElMessageBox } from 'element-plus/es/components/message-box/index'
import { useI18n } from 'vue-i18n'

/** Asks before what can't be undone; true when the person says yes. */
export function useConfirm() {
  const { t } = useI18n()

  async function confirmed(title: string, consequence: string, yes: string): Promise<boolean> {
    const options = {
      confirmButtonText: yes,
      cancelButtonText: t('page.cancel'),
      autofocus: false,
      closeOnClickModal: false,
    }
    return ElMessageBox.confirm(consequence, title, options).then(
      () => true,
      () => false,
    )
  }

  return { confirmed }
}
