// Elements of the page, and how menus, texts and numbers are written into them.

export const element = (id: string): HTMLElement => document.getElementById(id)!
export const select = (id: string) => element(id) as HTMLSelectElement
export const input = (id: string) => element(id) as HTMLInputElement

export type Choice = {
  readonly value: string
  readonly title: string
  readonly group?: string
  readonly disabled?: boolean
}

/** Fills a menu if its choices have changed, and sets its value. */
export function fill(id: string, choices: readonly Choice[], value: string): void {
  const menu = select(id)
  const key = JSON.stringify(choices)
  if (menu.dataset.key !== key) {
    menu.dataset.key = key
    const groups = new Map<string | undefined, HTMLElement>([[undefined, menu]])
    menu.replaceChildren()
    for (const { value: each, title, group, disabled = false } of choices) {
      if (!groups.has(group)) {
        const made = Object.assign(document.createElement('optgroup'), { label: group })
        groups.set(group, made)
        menu.append(made)
      }
      groups
        .get(group)!
        .append(Object.assign(document.createElement('option'), { value: each, textContent: title, disabled }))
    }
  }
  if (menu.value !== value) menu.value = value
}

export const show = (id: string, text: string) => {
  if (element(id).textContent !== text) element(id).textContent = text
}

export const count = (n: number) => (Number.isFinite(n) ? Math.round(n).toLocaleString('en') : '–')
export const mean = (n: number | undefined) =>
  n === undefined || Number.isNaN(n) ? '–' : n.toFixed(1).replace('-', '−')
export const layers = (hidden: readonly number[]) => (hidden.length === 0 ? 'none (linear)' : hidden.join(' · '))
