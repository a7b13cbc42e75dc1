// What the controls change.

import type { Config } from './config.ts'
import { element, input, show } from './dom.ts'
import type { ToWorker } from './protocol.ts'
import type { View } from './view.ts'

export interface Wiring {
  get(): Config
  readonly view: View
  update(changes: Partial<Config>): void
  send(message: ToWorker): void
  changed(): void
  program(): string
}

/** Connects the controls. */
export function wire({ get, view, update, send, changed, program }: Wiring): void {
  const on = (id: string, type: string, run: (value: string) => void) =>
    element(id).addEventListener(type, () => run((element(id) as HTMLInputElement).value))
  const numbers = (text: string) => (text === '' ? [] : text.split(',').map(Number))
  on('env', 'change', (env) => update({ env }))
  on(
    'teacher',
    'change',
    (teacher) => teacher !== 'upload' && update({ teacher, ...(get().target !== 'policy' && { target: 'policy' }) }),
  )
  on('teacher-hidden', 'change', (text) => update({ teacherHidden: numbers(text) }))
  on('seed', 'change', (text) => Number.isInteger(Number(text)) && update({ seed: Math.max(0, Number(text)) }))
  on('speed', 'change', (text) => update({ speed: Number(text) }))
  on('labels', 'input', (text) => update({ labels: Number(text) }))
  on('temperature', 'input', (text) => update({ temperature: Number((10 ** (Number(text) / 20)).toPrecision(2)) }))
  on('selection', 'change', (text) => update({ selection: text as Config['selection'] }))
  on('target', 'change', (text) =>
    update({
      target: text as Config['target'],
      map: text.startsWith('value') || text === 'q-mse' ? 'value' : 'policy',
    }),
  )
  on('divergence', 'change', (divergence) => update({ divergence }))
  on('hidden', 'change', (text) => update({ hidden: numbers(text) }))
  on('updates', 'change', (text) => update({ updates: Number(text) }))
  on('map-value', 'click', () => update({ map: 'value' }))
  on('map-policy', 'click', () => update({ map: 'policy' }))
  on('undo', 'click', () => update({ clicks: get().clicks.slice(0, -1) }))
  on('clear', 'click', () => {
    if (view.uploads.csv !== undefined) send({ type: 'no-csv' })
    delete view.uploads.csv
    update({ clicks: [] })
  })
  element('slice').addEventListener('input', ({ target }) => {
    const { id, value } = target as HTMLInputElement
    const axis = Number(/held-(\d)/.exec(id)?.[1])
    if (id.startsWith('held'))
      update({ held: get().held.map((x, i) => (i === axis ? Number(Number(value).toPrecision(4)) : x)) })
    else if (id === 'axis-0') update({ axes: [Number(value), get().axes[1]] })
    else update({ axes: [get().axes[0], Number(value)] })
  })

  on('play', 'click', () => {
    view.isPlaying = !view.isPlaying
    send({ type: 'play', isPlaying: view.isPlaying })
    changed()
  })
  on('step', 'click', () => {
    view.isPlaying = false
    send({ type: 'play', isPlaying: false })
    send({ type: 'step' })
    changed()
  })
  on('reset', 'click', () => send({ type: 'restart' }))
  on('stop', 'click', () => {
    if (view.teacher?.status === 'training') return send({ type: 'stop-training' })
    send({ type: 'retrain' })
    update({ teacherSteps: 0 })
  })
  element('stop-when-solved').addEventListener('change', () => {
    view.stopWhenSolved = input('stop-when-solved').checked
    update({})
  })
  for (const [id, kind] of [
    ['save-js', 'js'],
    ['save-onnx', 'onnx'],
    ['save-c', 'c'],
    ['save-csv', 'csv'],
    ['save-teacher', 'teacher'],
  ] as const) {
    on(id, 'click', () => send({ type: 'export', kind }))
  }
  element('csv-file').addEventListener('change', async () => {
    const [file] = input('csv-file').files ?? []
    if (!file) return
    view.failures = {}
    send({ type: 'csv', name: file.name, text: await file.text() })
    input('csv-file').value = ''
    changed()
  })
  element('policy-file').addEventListener('change', async () => {
    const [file] = input('policy-file').files ?? []
    if (!file) return
    view.failures = {}
    send({ type: 'policy-file', name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })
    input('policy-file').value = ''
    changed()
  })

  const dialog = element('code-dialog') as HTMLDialogElement
  on('code', 'click', () => {
    // On the site the program opens in a cell that runs it. The playground alone has no editor.
    if (document.documentElement.dataset.root !== undefined) return send({ type: 'files' })
    show('code-text', program())
    dialog.showModal()
  })
  on('code-close', 'click', () => dialog.close())
  const copy = (id: string, text: () => string) =>
    on(id, 'click', async () => {
      const before = element(id).textContent!
      await navigator.clipboard.writeText(text()).then(
        () => show(id, 'Copied'),
        () => show(id, 'Not allowed here'),
      )
      setTimeout(() => show(id, before), 1500)
    })
  copy('code-copy', program)
  copy('share', () => location.href)
  addEventListener('keydown', (event) => {
    const isFree = !(event.target instanceof HTMLElement) || event.target === document.body
    if (event.key !== ' ' || !isFree) return
    event.preventDefault()
    element('play').click()
  })
}
