// The script of every page: the search. `/` moves to it, arrows choose, Enter opens.

import type MiniSearchType from 'minisearch'
import MiniSearch from 'minisearch'
import { load } from './load.ts'
import { type Found, searchOptions } from './search-options.ts'

const MOST = 8
const base = document.documentElement.dataset.root ?? ''
const input = document.querySelector<HTMLInputElement>('#search')!
const list = document.querySelector<HTMLUListElement>('#found')!
let index: MiniSearchType<Found & { text: string }> | undefined
let chosen = -1

async function search(): Promise<void> {
  index ??= MiniSearch.loadJSON(await load<string>('search-index.js', 'siteSearchIndex'), searchOptions)
  const query = input.value.trim()
  const found = query === '' ? [] : (index.search(query).slice(0, MOST) as unknown as Found[])
  list.replaceChildren(...(query !== '' && found.length === 0 ? [message('Nothing found')] : found.map(entry)))
  show(list.childElementCount > 0)
  choose(-1)
}

function entry({ part, title, about, page }: Found, i: number): HTMLElement {
  const item = document.createElement('li')
  item.id = `found-${i}`
  item.setAttribute('role', 'option')
  item.setAttribute('aria-selected', 'false')
  item.dataset.href = base + page
  for (const [name, text] of [
    ['title', title],
    ['about', about === '' ? part : `${part} · ${about}`],
  ] as const) {
    const span = document.createElement('span')
    span.className = name
    span.textContent = text
    item.append(span)
  }
  item.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    location.href = item.dataset.href!
  })
  return item
}

function message(text: string): HTMLElement {
  const item = document.createElement('li')
  item.className = 'none'
  item.setAttribute('role', 'option')
  item.setAttribute('aria-disabled', 'true')
  item.textContent = text
  return item
}

function show(open: boolean): void {
  list.hidden = !open
  input.setAttribute('aria-expanded', String(open))
}

function choose(i: number): void {
  const items = [...list.querySelectorAll<HTMLElement>('[data-href]')]
  chosen = items.length === 0 ? -1 : Math.max(-1, Math.min(i, items.length - 1))
  items.forEach((item, j) => {
    item.setAttribute('aria-selected', String(j === chosen))
  })
  if (chosen < 0) input.removeAttribute('aria-activedescendant')
  else input.setAttribute('aria-activedescendant', `found-${chosen}`)
}

input.addEventListener('input', search)
input.addEventListener('focus', () => {
  if (input.value.trim() !== '') search()
})
input.addEventListener('blur', () => show(false))
input.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    choose(chosen + (event.key === 'ArrowDown' ? 1 : -1))
  } else if (event.key === 'Enter') {
    const item = list.querySelector<HTMLElement>(`#found-${Math.max(chosen, 0)}`)
    if (item?.dataset.href !== undefined) location.href = item.dataset.href
  } else if (event.key === 'Escape') {
    show(false)
  }
})
document.addEventListener('keydown', (event) => {
  const typing = (event.target as HTMLElement).closest('input, textarea, [contenteditable="true"]') !== null
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  input.focus()
})
