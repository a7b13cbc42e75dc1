// For TypeDoc's pages: tables that may scroll sideways can be focused; no link inside a `summary`, which is itself a control. The link
// of a module becomes the first entry of the list below it. The navigation is filled by TypeDoc's script, so it is watched.

function repair(): void {
  for (const table of document.querySelectorAll('.tsd-typography table')) table.setAttribute('tabindex', '0')
  for (const link of document.querySelectorAll<HTMLAnchorElement>('summary a')) {
    const text = document.createElement('span')
    text.className = link.className
    text.append(...link.childNodes)
    const list = link.closest('details')?.querySelector('ul')
    const anchorIcon = link.classList.contains('tsd-anchor-icon')
    if (anchorIcon) link.remove()
    else link.replaceWith(text)
    if (anchorIcon || list === null || list === undefined) continue
    const first = document.createElement('li')
    const overview = document.createElement('a')
    overview.href = link.href
    overview.textContent = 'Overview'
    first.append(overview)
    list.prepend(first)
  }
}

repair()
new MutationObserver(repair).observe(document.documentElement, { childList: true, subtree: true })
