// What lies outside the screen, or makes something scroll sideways that shouldn't; as a list of words for a reader.
;(sideways) => {
  const width = document.documentElement.clientWidth
  const scrolls = (it) => ['auto', 'scroll'].includes(getComputedStyle(it).overflowX)
  const told = (it) => {
    const { left, right } = it.getBoundingClientRect()
    const name = it.tagName.toLowerCase() + [...it.classList].map((each) => `.${each}`).join('')
    return `${name} ${Math.round(left)}…${Math.round(right)} of ${width}, ${it.scrollWidth}/${it.clientWidth}: ${it.textContent.trim().slice(0, 40)}`
  }
  const outside = (it) => {
    const { left, right, height } = it.getBoundingClientRect()
    return height > 1 && right - left > 1 && (right > width + 1 || left < -1)
  }
  const bad = []
  if (document.scrollingElement.scrollWidth > width) bad.push(`the page is ${document.scrollingElement.scrollWidth} wide`)
  for (const it of document.querySelectorAll('body, body *')) {
    if (it.parentElement?.closest(sideways) || it.matches('.skip, .skip *')) continue
    if (!it.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    if (outside(it)) bad.push(told(it))
    else if (!it.matches(sideways) && scrolls(it) && it.scrollWidth > it.clientWidth + 1) bad.push(told(it))
  }
  return bad.slice(0, 8)
}
