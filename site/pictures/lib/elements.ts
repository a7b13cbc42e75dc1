// Elements for pictures: SVG, controls, and handles that a pointer or the arrow keys move.

type Attributes = Readonly<Record<string, string | number>>

/** An SVG element with its attributes and children. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

/** An HTML element with its attributes and children. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children)
}

export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
}

/** The drawing area of a picture, `width` by `height` units, scaled to the page. */
export function canvas(width: number, height: number, label: string, ...children: Node[]): SVGSVGElement {
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': label }, ...children)
}

/** Fills the places of a page that ask for this picture. */
export function mountPicture(name: string, build: (stage: HTMLElement) => void): void {
  for (const stage of document.querySelectorAll<HTMLElement>(`[data-picture="${name}"]`)) {
    stage.replaceChildren()
    build(stage)
  }
}

export interface Slider {
  readonly element: HTMLElement
  value: number
}

/** A range with its label and its value in words. */
export function slider(
  label: string,
  range: { readonly min: number; readonly max: number; readonly step: number; readonly value: number },
  text: (value: number) => string,
  changed: (value: number) => void,
): Slider {
  const input = html('input', { type: 'range', ...range })
  const output = html('output', {}, text(range.value))
  const show = () => {
    output.textContent = text(input.valueAsNumber)
    input.setAttribute('aria-valuetext', text(input.valueAsNumber))
  }
  show()
  input.addEventListener('input', () => {
    show()
    changed(input.valueAsNumber)
  })
  return {
    element: html('label', {}, html('span', {}, label), input, output),
    get value() {
      return input.valueAsNumber
    },
    set value(value) {
      input.valueAsNumber = value
      show()
    },
  }
}

export function button(label: string, pressed: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button' }, label)
  element.addEventListener('click', pressed)
  return element
}

/**
 * Lets a handle be moved: by a pointer anywhere in `area`, and by the arrow keys. `moveTo` gets the place in units of the area's
 * `viewBox`, `moveBy` steps of -1 or 1 along each axis.
 */
export function movable(
  handle: SVGElement,
  area: SVGSVGElement,
  { moveTo, moveBy }: { moveTo(x: number, y: number): void; moveBy(dx: number, dy: number): void },
): void {
  const toUnits = (event: PointerEvent) => {
    const box = area.getBoundingClientRect()
    const { width, height } = area.viewBox.baseVal
    moveTo(((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height)
  }
  handle.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    handle.setPointerCapture(event.pointerId)
    handle.focus()
  })
  handle.addEventListener('pointermove', (event) => {
    if (handle.hasPointerCapture(event.pointerId)) toUnits(event)
  })
  handle.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (step === undefined) return
    event.preventDefault()
    moveBy(step[0]!, step[1]!)
  })
  handle.style.touchAction = 'none'
}

function filled<Each extends Element>(element: Each, attributes: Attributes, children: (Node | string)[]): Each {
  set(element, attributes)
  element.append(...children)
  return element
}
