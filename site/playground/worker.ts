// Everything that computes: trains the teacher, distils the student, plays both and draws the maps, in slices of a few milliseconds
// between which messages are read. Read next: lab.ts for what is computed, loop.ts for the slices.

import type { LabelledDataset } from 'alambic/distill'
import { type Config, defaults, studentKey, teacherKey } from './config.ts'
import {
  digestOf,
  distillation,
  type FileKind,
  fileOf,
  meanReturn,
  parametersOf,
  type Result,
  readLabels,
} from './lab.ts'
import { every, makeLoop } from './loop.ts'
import { mapsOf, type Pair, probeOf } from './pictures.ts'
import type { FromWorker, ProgramFiles, ToWorker } from './protocol.ts'
import { Stage } from './stage.ts'
import { taskOf } from './tasks.ts'
import { type Shown, type Teaching, trainedTeacher, training, uploadedTeacher } from './teachers.ts'
import { labelsView, noLabels, noStudent, teacherView } from './views.ts'

const post = (message: FromWorker, transfer: Transferable[] = []) =>
  (globalThis as unknown as { postMessage(m: unknown, t: Transferable[]): void }).postMessage(message, transfer)

let config: Config = defaults()
let stopWhenSolved = true
let teaching: Teaching | undefined
let uploaded: { readonly teaching: Teaching; readonly name: string } | undefined
let labelsGiven: LabelledDataset | undefined
/** The table that they were read from, by its name. */
let table: ProgramFiles['files'] = {}
let student: Shown | undefined
let result: Result | undefined
/** Temperature of the labels, in their unit; 0: the best action alone. */
let temperature = 0
let curve: number[] = []
const keys = { teacher: '', training: '', student: '', played: '', view: '' }
/** The student of play alone, to which states are added. */
let played: Result | undefined
let probed: readonly number[] | undefined

// Work: one generator at a time, the latest.

let job: Generator<void, void, void> | undefined
let isStopping = false
let isPlaying = true
let due = 0
let stage: Stage | undefined
/** Whether labels or a policy were read from a file since the last configuration. */
let isNew = true

function* work(): Generator<void, void, void> {
  try {
    yield* teach()
    yield* learn()
  } catch (error) {
    const where = teaching === undefined ? 'teacher' : 'student'
    fail(where, error)
    if (where === 'student') post(noStudent)
  }
}

function* teach(): Generator<void, void, void> {
  const key = keyOf(config)
  if (key === keys.teacher && teaching !== undefined) return
  Object.assign(keys, { teacher: '', training: key, student: '', played: '' })
  teaching = undefined
  student = undefined
  result = undefined
  curve = []
  isStopping = false
  restart()
  post(noStudent)
  const { teacher, env } = config
  if (teacher === 'upload') teaching = uploaded!.teaching
  else if (taskOf(env).trained.includes(teacher)) teaching = trainedTeacher(teacher, env)
  else yield* train()
  Object.assign(keys, { teacher: keyOf(config), training: '' })
  post(teacherNow('ready', meanReturn(teaching!.agent, env), config.teacherSteps, config.teacherSteps))
  postMaps()
  yield
}

function keyOf(given: Config): string {
  return given.teacher === 'upload' ? `upload ${uploaded?.name}` : teacherKey(given)
}

function* train(): Generator<void, void, void> {
  const shown = every(100)
  const mapped = every(200)
  let step = 0
  for (const moment of training(config, () => stopWhenSolved)) {
    step = moment.step
    teaching = moment.teaching
    for (const episode of moment.episodes) curve.push(episode.step, episode.return)
    if (shown()) post(teacherNow('training', Number.NaN, step, moment.total))
    if (mapped()) postMaps()
    yield
    if (isStopping) break
  }
  config = { ...config, teacherSteps: step }
  post({ type: 'stopped', steps: step })
}

function* learn(): Generator<void, void, void> {
  const key = studentKey(config)
  if (key === keys.student && result !== undefined) return
  keys.student = ''
  result = undefined
  if (labelsGiven === undefined && config.labels === 0 && config.clicks.length === 0) {
    student = undefined
    post(noStudent)
    post(noLabels)
    postMaps()
    return
  }
  const withoutClicks = studentKey({ ...config, clicks: [] })
  const before = withoutClicks === keys.played ? played : undefined
  const started = performance.now()
  const shown = every(60)
  const mapped = every(160)
  const running = distillation(config, teaching, labelsGiven, before)
  for (;;) {
    const { done, value } = running.next()
    if (done) {
      result = value
      break
    }
    student = value.student() as Shown | undefined
    if (value.phase === 'label') post(labelsOf(value.dataset))
    if (shown()) {
      const status = value.phase === 'label' ? 'collecting' : 'fitting'
      const { round, rounds, loss, totalUpdates: updates } = value
      post({ ...noStudent, status, round, rounds, loss, update: value.cost.updates, updates })
    }
    if (mapped()) postMaps()
    yield
  }
  const seconds = (performance.now() - started) / 1000
  student = result.student
  temperature = config.target === 'hard' ? 0 : (result.metrics.temperature ?? 0)
  if (config.clicks.length === 0 && labelsGiven === undefined) {
    played = result
    keys.played = withoutClicks
  }
  keys.student = key
  post(labelsOf(result.dataset))
  postMaps()
  yield
  const mean = meanReturn(student, config.env)
  const { updates } = result.cost
  const parameters = parametersOf(student)
  post({
    ...noStudent,
    status: 'ready',
    update: updates,
    updates,
    parameters,
    mean,
    seconds,
    digest: digestOf(student),
  })
  probe(probed ?? config.held)
}

function teacherNow(status: 'training' | 'ready', mean: number, step: number, total: number) {
  const name = config.teacher === 'upload' ? uploaded!.name : config.teacher
  return teacherView(teaching!, { status, name, mean, step, total, curve })
}

function labelsOf(dataset: LabelledDataset) {
  return labelsView(dataset, config, teaching!, labelsGiven ? 0 : config.clicks.length)
}

function pair(): Pair {
  return { teacher: teaching!.agent, student, temperature }
}

function postMaps(): void {
  if (teaching !== undefined) post(mapsOf(config, pair()))
}

function probe(state: readonly number[]): void {
  probed = state
  if (teaching !== undefined) post(probeOf(config, pair(), state))
}

function restart(): void {
  stage = new Stage(config.env, config.seed, () => ({ teacher: teaching?.agent, student }))
}

/** Plays steps and shows the last. A player that cannot act ends the play. */
function act(steps: number): void {
  try {
    for (let i = 0; i < steps; i++) stage?.advance()
    if (stage) post(stage.frame())
  } catch (error) {
    stage = undefined
    fail('student', error)
  }
}

function fail(where: 'teacher' | 'labels' | 'student', error: unknown): void {
  post({ type: 'failure', where, message: error instanceof Error ? error.message : String(error) })
}

const loop = makeLoop({
  isAnimated: () => isPlaying,
  frame(elapsed) {
    due += (elapsed / 1000) * taskOf(config.env).pace * config.speed
    const steps = Math.floor(due)
    due -= steps
    if (steps > 0) act(steps)
  },
  work() {
    if (job?.next().done) job = undefined
    return job !== undefined
  },
})

function start(): void {
  job = work()
  loop.wake()
}

function configure(given: Config): void {
  // The page may not know yet where a training has ended.
  const { teacherSteps } = config
  const ended = { ...given, teacherSteps }
  const next = given.teacherSteps === 0 && keyOf(ended) === keys.teacher ? ended : given
  const viewKey = JSON.stringify([next.map, next.axes, next.held])
  const isOtherView = viewKey !== keys.view
  keys.view = viewKey
  const before = config
  config = next
  if (next.env !== before.env) {
    labelsGiven = undefined
    probed = undefined
    teaching = undefined
    student = undefined
    result = undefined
    keys.training = ''
  }
  if (next.env !== before.env || next.seed !== before.seed || stage === undefined) restart()
  if (isOtherView) postMaps()
  // A training goes on under its own settings; those of the student are read at its end.
  if (job !== undefined && keys.training === keyOf(next)) return
  if (!isNew && keyOf(next) === keyOf(before) && studentKey(next) === studentKey(before)) return
  isNew = false
  start()
}

function save(kind: FileKind): void {
  if (kind === 'teacher' && teaching?.file) {
    post({ type: 'file', name: `${config.teacher}.safetensors`, content: teaching.file })
  } else if (result !== undefined && kind !== 'teacher') post({ type: 'file', ...fileOf(result, kind) })
}

function programFiles(): ProgramFiles['files'] {
  if (labelsGiven !== undefined) return table
  if (teaching?.file === undefined) return {}
  return { [config.teacher === 'upload' ? uploaded!.name : `${config.teacher}.safetensors`]: teaching.file }
}

const handlers: { [T in ToWorker['type']]: (message: Extract<ToWorker, { type: T }>) => void } = {
  configure(message) {
    stopWhenSolved = message.stopWhenSolved
    configure(message.config)
  },
  play(message) {
    isPlaying = message.isPlaying
    loop.wake()
  },
  step() {
    act(1)
  },
  restart() {
    restart()
    act(1)
  },
  'stop-training'() {
    isStopping = true
  },
  probe: ({ state }) => probe(state),
  export: ({ kind }) => save(kind),
  files: () => post({ type: 'files', files: programFiles() }),
  csv({ name, text }) {
    const dataset = readLabels(text, config.env)
    labelsGiven = dataset
    table = { [name]: new TextEncoder().encode(text) }
    keys.student = ''
    isNew = true
    const isSoft =
      dataset.numActions === 0 || ['logits', 'actionValues', 'mean'].some((name) => dataset.has(name as 'logits'))
    post({ type: 'read', name, target: isSoft || !dataset.has('actions') ? config.target : 'hard' })
  },
  'no-csv'() {
    labelsGiven = undefined
    keys.student = ''
    isNew = true
  },
  retrain() {
    keys.teacher = ''
    isNew = true
  },
  'policy-file'({ name, bytes }) {
    uploaded = { teaching: uploadedTeacher(bytes, config.env), name }
    keys.teacher = ''
    isNew = true
    post({ type: 'uploaded', name })
  },
}

const places: Partial<Record<ToWorker['type'], 'teacher' | 'labels'>> = { csv: 'labels', 'policy-file': 'teacher' }

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  try {
    handlers[data.type](data as never)
  } catch (error) {
    fail(places[data.type] ?? 'student', error)
  }
}
