/** The address of a picture in one of the widths that the server offers; others' pictures stay as they are. */
export function sized(url: string, width: 160 | 480 | 960): string {
  if (!url.startsWith('/files/') && !url.startsWith('/api/v1/files/')) return url
  return `${url}${url.includes('?') ? '&' : '?'}w=${width}`
}
