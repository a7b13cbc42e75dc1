// Menus, sliders, figures and buttons: what they show, and what they change.

import { actionColors, css, gradient, ramps } from './colors.ts'
import { type Config, divergences } from './config.ts'
import type { LabelsView, Maps, Probe, StudentView, TeacherView, ToWorker } from './protocol.ts'
import { selections, shapes, targets, taskOf, tasks, withTemperature } from './tasks.ts'

export interface View {
  isPlaying: boolean
  stopWhenSolved: boolean
  uploads: { csv?: string; policy?: string }
  failures: { teacher?: string; labels?: string; student?: string }
  teacher?: TeacherView
  labels?: LabelsView
  student?: StudentView
  maps?: Maps
  probe?: Probe
}

export const element = (id: string): HTMLElement => document.getElementById(id)!
const select = (id: string) => element(id) as HTMLSelectElement
const input = (id: string) => element(id) as HTMLInputElement

type Choice = { readonly value: string; readonly title: string; readonly group?: string; readonly disabled?: boolean }

/** Fills a menu if its choices have changed, and sets its value. */
function fill(id: string, choices: readonly Choice[], value: string): void {
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

const show = (id: string, text: string) => {
  if (element(id).textContent !== text) element(id).textContent = text
}

const count = (n: number) => (Number.isFinite(n) ? Math.round(n).toLocaleString('en') : '–')
const mean = (n: number | undefined) => (n === undefined || Number.isNaN(n) ? '–' : n.toFixed(1).replace('-', '−'))
const layers = (hidden: readonly number[]) => (hidden.length === 0 ? 'none (linear)' : hidden.join(' · '))

const titles: Readonly<Record<string, string>> = {
  ppo: 'PPO',
  a2c: 'A2C',
  dqn: 'DQN',
  sac: 'SAC',
  td3: 'TD3',
  'q-learning': 'Q-learning, a table',
  'cartpole-a2c': 'A2C, policy and values',
  'cartpole-dqn': 'DQN, action values',
  'mountaincar-dqn': 'DQN, action values',
  'mountaincar-ppo': 'PPO, policy and values',
  'acrobot-a2c': 'A2C, policy and values',
  'acrobot-tuning-dqn': 'DQN, action values',
  'mountaincar-continuous-sac': 'SAC, Gaussian policy',
  'pendulum-sac': 'SAC, Gaussian policy',
  'forward-kl': 'KL(teacher ‖ student)',
  'reverse-kl': 'KL(student ‖ teacher)',
  jsd: 'Jensen–Shannon',
}

const sizes = ['', '4', '8', '16', '16,16', '32,32', '64,64']

/** Writes the state into the page. */
export function render(config: Config, view: View): void {
  const task = taskOf(config.env)
  const { teacher, student, labels, maps, uploads } = view
  fill(
    'env',
    tasks.map(({ id, title }) => ({ value: id, title })),
    config.env,
  )
  fill(
    'speed',
    [0.25, 0.5, 1, 2, 4, 8].map((x) => ({ value: String(x), title: `${x}×` })),
    String(config.speed),
  )
  if (document.activeElement !== input('seed')) input('seed').value = String(config.seed)
  element('play').setAttribute('aria-pressed', String(view.isPlaying))
  element('play').querySelector('.icon')!.textContent = view.isPlaying ? '❚❚' : '▶'
  element('play').querySelector('.word')!.textContent = view.isPlaying ? 'Pause' : 'Play'

  const isTrained = task.trained.includes(config.teacher)
  fill(
    'teacher',
    [
      ...task.trained.map((value) => ({ value, title: titles[value]!, group: 'Trained' })),
      ...Object.keys(task.algorithms).map((value) => ({ value, title: titles[value]!, group: 'Train it here' })),
      ...(uploads.policy ? [{ value: 'upload', title: uploads.policy, group: 'Uploaded' }] : []),
    ],
    uploads.policy ? 'upload' : config.teacher,
  )
  const isTraining = teacher?.status === 'training'
  const isHere = !isTrained && !uploads.policy
  element('teacher-hidden-field').hidden = !isHere || config.teacher === 'q-learning'
  fill('teacher-hidden', options(sizes.slice(3), config.teacherHidden), config.teacherHidden.join())
  element('training-row').hidden = !isHere
  ;(element('stop') as HTMLButtonElement).disabled = !isTraining
  show('teacher-mean', mean(teacher?.mean))
  show('teacher-parameters', teacher ? count(teacher.parameters) : '–')
  show('teacher-steps', stepsTrained(config, view))
  if (!teacher || teacher.curve.length === 0) element('curve-figure').hidden = true
  element('save-teacher').hidden = !isTrained || Boolean(uploads.policy)

  renderMap(config, view)
  const most = task.mostLabels
  input('labels').max = String(most)
  input('labels').value = String(config.labels)
  show('labels-out', uploads.csv ? uploads.csv : count(config.labels))
  input('labels').disabled = uploads.csv !== undefined
  const isSoft = withTemperature.includes(config.target) && !task.continuous
  element('temperature-field').hidden = !isSoft
  input('temperature').value = String(Math.round(20 * Math.log10(config.temperature)))
  show('temperature-out', `${config.temperature} σ`)
  const choosable = Object.entries(selections).filter(([name]) => !(task.continuous && name === 'disagreement'))
  fill(
    'selection',
    choosable.map(([value, { title }]) => ({ value, title })),
    config.selection,
  )
  select('selection').disabled = uploads.csv !== undefined
  show('count-labels', labels ? count(labels.labels) : '–')
  show('count-evaluations', labels ? count(labels.teacherEvaluations) : '–')
  show('count-steps', labels ? count(labels.environmentSteps) : '–')
  for (const id of ['undo', 'clear']) element(id).hidden = config.clicks.length === 0 && !uploads.csv
  element('undo').hidden ||= uploads.csv !== undefined
  show('clear', uploads.csv ? 'Back to the teacher' : 'Clear added')

  const can = (needs: string) => !teacher || uploads.csv !== undefined || teacher[needs as 'scores']
  const teachable = Object.entries(targets).filter(([name]) => !task.continuous || name === 'policy')
  fill(
    'target',
    teachable.map(([value, { group, title, needs }]) => ({ value, title, group, disabled: !can(needs) })),
    config.target,
  )
  fill('hidden', options(sizes, config.hidden), config.hidden.join())
  element('divergence-field').hidden = config.target !== 'policy'
  const losses = divergences.filter((each) => !task.continuous || each !== 'jsd')
  fill(
    'divergence',
    losses.map((value) => ({ value, title: titles[value]! })),
    config.divergence,
  )
  const steps = [...new Set([200, 500, 1500, 3000, 6000, config.updates])].sort((a, b) => a - b)
  fill(
    'updates',
    steps.map((each) => ({ value: String(each), title: count(each) })),
    String(config.updates),
  )
  const part = student && student.updates > 0 ? (100 * student.update) / student.updates : 0
  element('progress').setAttribute('aria-valuenow', String(Math.round(part)))
  ;(element('progress').firstElementChild as HTMLElement).style.width = `${part}%`
  show('student-status', statusOf(student, teacher))
  show('student-mean', mean(student?.mean))
  show('student-parameters', student?.parameters ? count(student.parameters) : '–')
  const ratio = student?.parameters && teacher ? teacher.parameters / student.parameters : Number.NaN
  show('student-ratio', Number.isNaN(ratio) ? '–' : `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}×`)
  for (const id of ['save-js', 'save-onnx', 'save-csv'])
    (element(id) as HTMLButtonElement).disabled = student?.status !== 'ready'
  for (const where of ['teacher', 'labels', 'student'] as const) {
    const message = view.failures[where]
    element(`${where}-failure`).hidden = message === undefined
    show(`${where}-failure`, message ?? '')
  }
  if (maps) renderBars(config, view)
}

const options = (known: readonly string[], hidden: readonly number[]) =>
  [...new Set([...known, hidden.join()])].map((value) => ({
    value,
    title: layers(value === '' ? [] : value.split(',').map(Number)),
  }))

function stepsTrained({ teacher: name, teacherSteps }: Config, { teacher, uploads }: View): string {
  if (!teacher || uploads.policy) return '–'
  return count(teacher.status === 'training' ? teacher.step : (shapes[name]?.steps ?? teacherSteps))
}

function statusOf(student: StudentView | undefined, teacher: TeacherView | undefined): string {
  if (!student || student.status === 'none')
    return teacher?.status === 'training' ? 'waits for its teacher' : 'no labels yet: click a state, or move the slider'
  if (student.status === 'ready')
    return `ready in ${student.seconds.toFixed(1)} s, ${count(student.updates)} updates in all`
  const loss = Number.isFinite(student.loss) ? `, loss ${student.loss.toPrecision(2)}` : ''
  return `round ${student.round + 1} of ${student.rounds}: ${student.status === 'collecting' ? 'states are labelled' : `learning${loss}`}`
}

function renderMap(config: Config, { maps, teacher }: View): void {
  const { dimensions, actions, continuous } = taskOf(config.env)
  const hasValues = teacher?.stateValues ?? true
  const shown = maps?.kind ?? config.map
  for (const kind of ['value', 'policy'] as const) {
    element(`map-${kind}`).setAttribute('aria-pressed', String(shown === kind))
  }
  ;(element('map-value') as HTMLButtonElement).disabled = !hasValues
  const ramp = (stops: Parameters<typeof gradient>[0], low: string, high: string) =>
    `<span>${low}</span><i class="ramp" style="background:${gradient(stops)}"></i><span>${high}</span>`
  const colors = actionColors(actions.length)
  const legend =
    shown === 'value'
      ? ramp(ramps.value(), 'low', 'high')
      : continuous
        ? ramp(ramps.force(), '−', `+ ${actions[0]}`)
        : actions.map((name, i) => `<span><i style="background:${css(colors[i]!)}"></i>${name}</span>`).join('')
  if (element('legend').innerHTML !== legend) element('legend').innerHTML = legend
  show(
    'difference-text',
    shown === 'value' ? 'student − teacher' : continuous ? 'student − teacher' : 'total variation',
  )
  element('map-note').hidden = !maps?.note
  show('map-note', maps?.note ?? '')
  const slice = element('slice')
  const key = JSON.stringify([config.env, config.axes])
  if (slice.dataset.key !== key) {
    slice.dataset.key = key
    slice.replaceChildren()
    if (dimensions.length > 2) {
      for (const [i, title] of [
        [0, 'Across'],
        [1, 'Up'],
      ] as const) {
        const label = Object.assign(document.createElement('label'), { className: 'field' })
        const menu = Object.assign(document.createElement('select'), { id: `axis-${i}` })
        label.append(Object.assign(document.createElement('span'), { textContent: title }), menu)
        slice.append(label)
        fill(
          menu.id,
          dimensions.map(({ name }, axis) => ({
            value: String(axis),
            title: name,
            disabled: axis === config.axes[1 - i],
          })),
          String(config.axes[i]),
        )
      }
    }
    dimensions.forEach(({ name, low, high }, axis) => {
      if (config.axes.includes(axis)) return
      const label = Object.assign(document.createElement('label'), { className: 'slider' })
      const title = document.createElement('span')
      title.append(`${name} `, Object.assign(document.createElement('output'), { id: `held-${axis}-out` }))
      const range = {
        type: 'range',
        min: String(low),
        max: String(high),
        step: String((high - low) / 100),
        id: `held-${axis}`,
      }
      label.append(title, Object.assign(document.createElement('input'), range))
      slice.append(label)
    })
  }
  dimensions.forEach(({ unit, digits }, axis) => {
    if (config.axes.includes(axis)) return
    input(`held-${axis}`).value = String(config.held[axis])
    show(`held-${axis}-out`, `${config.held[axis]!.toFixed(digits).replace('-', '−')} ${unit}`)
  })
}

/** The target of one state as bars: the teacher's probabilities beside the student's. */
function renderBars(config: Config, { probe }: View): void {
  const { actions, dimensions, continuous } = taskOf(config.env)
  const bars = element('bars')
  if (!probe) {
    bars.innerHTML = '<span class="title">Point at a state to see its label, and what the student makes of it.</span>'
    return
  }
  const place = dimensions.map(
    ({ name, digits }, axis) =>
      `${name} ${probe.state[axis]!.toFixed(config.env === 'GridWorld-v0' ? 0 : digits).replace('-', '−')}`,
  )
  const bar = (who: string, value: number | undefined) => {
    if (value === undefined) return ''
    const width = continuous ? Math.abs(value) : value
    const text = continuous ? value.toFixed(2).replace('-', '−') : `${Math.round(100 * value)} %`
    return `<span><i class="of-${who}" style="width:${(72 * width).toFixed(1)}%"></i>${text}</span>`
  }
  const rows =
    probe.teacher || probe.student
      ? actions.map(
          (name, a) =>
            `<span>${name}</span><div class="track">${bar('teacher', probe.teacher?.[a])}${bar('student', probe.student?.[a])}</div>`,
        )
      : []
  const value = (x: number | undefined) => (x === undefined ? '–' : x.toFixed(1).replace('-', '−'))
  const values =
    probe.teacherValue === undefined
      ? ''
      : ` · value ${value(probe.teacherValue)}${probe.studentValue === undefined ? '' : `, student ${value(probe.studentValue)}`}`
  bars.innerHTML = `<span class="title">${place.join(', ')}${values}</span>${rows.join('')}`
}

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
  on('stop', 'click', () => send({ type: 'stop-training' }))
  element('stop-when-solved').addEventListener('change', () => {
    view.stopWhenSolved = input('stop-when-solved').checked
  })
  for (const [id, kind] of [
    ['save-js', 'js'],
    ['save-onnx', 'onnx'],
    ['save-csv', 'csv'],
    ['save-teacher', 'teacher'],
  ] as const) {
    on(id, 'click', () => send({ type: 'export', kind }))
  }
  element('csv-file').addEventListener('change', async () => {
    const [file] = input('csv-file').files ?? []
    if (!file) return
    view.uploads.csv = file.name
    view.failures = {}
    send({ type: 'csv', name: file.name, text: await file.text() })
    input('csv-file').value = ''
    changed()
  })
  element('policy-file').addEventListener('change', async () => {
    const [file] = input('policy-file').files ?? []
    if (!file) return
    view.uploads.policy = file.name
    view.failures = {}
    send({ type: 'policy-file', name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })
    input('policy-file').value = ''
    changed()
  })

  const dialog = element('code-dialog') as HTMLDialogElement
  on('code', 'click', () => {
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
