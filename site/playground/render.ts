// Writes configuration and state into menus, sliders, figures and buttons. Read next: render-plane.ts, wire.ts.

import { type Config, divergences } from './config.ts'
import { count, element, fill, input, layers, mean, select, show } from './dom.ts'
import type { StudentView } from './protocol.ts'
import { renderBars, renderMap } from './render-plane.ts'
import { selections, shapes, targets, taskOf, tasks, withTemperature } from './tasks.ts'
import type { View } from './view.ts'

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
  show('stop', isTraining ? 'Stop here' : 'Train again')
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
  fill(
    'selection',
    Object.entries(selections).map(([value, { title }]) => ({ value, title })),
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
  show('student-status', statusOf(student, view))
  show('student-mean', mean(student?.mean))
  show('student-parameters', student?.parameters ? count(student.parameters) : '–')
  const ratio = student?.parameters && teacher ? teacher.parameters / student.parameters : Number.NaN
  const isLarger = ratio < 1
  const times = isLarger ? 1 / ratio : ratio
  show('student-ratio-title', isLarger ? 'larger by' : 'smaller by')
  show('student-ratio', Number.isNaN(ratio) ? '–' : `${times < 10 ? times.toFixed(1) : Math.round(times)}×`)
  for (const id of ['save-js', 'save-onnx', 'save-c', 'save-csv'])
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

function statusOf(student: StudentView | undefined, { teacher, failures }: View): string {
  if (failures.student) return 'no student'
  if (!student || student.status === 'none')
    return teacher?.status === 'training' ? 'waits for its teacher' : 'no labels yet: click a state, or move the slider'
  if (student.status === 'ready') return `ready in ${student.seconds.toFixed(1)} s`
  const loss = Number.isFinite(student.loss) ? `, loss ${student.loss.toPrecision(2)}` : ''
  return `round ${student.round + 1} of ${student.rounds}: ${student.status === 'collecting' ? 'states are labelled' : `learning${loss}`}`
}
