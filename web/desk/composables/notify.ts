import 'element-plus/es/components/message/style/css'
import { ElMessage } from 'element-plus/es/components/message/index'

/** A line that says what was done, and goes by itself. */
export function notify(message: string): void {
  ElMessage({ message, type: 'success', duration: 2500, grouping: true, plain: true })
}
