export type PictureWidth = 160 | 480 | 960

/** The address of a picture in one of the widths that the server keeps; other addresses stay as they are. */
export function sized(url: string, width: PictureWidth): string {
  return url.includes('/files/') ? `${url.split('?')[0]}?w=${width}` : url
}
