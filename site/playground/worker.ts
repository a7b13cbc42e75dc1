// Everything that computes: trains the teacher, distils the student, plays both and draws the maps, in slices of a few milliseconds
// between which messages are read. Read next: lab.ts for what is computed.

import { datasetFromCsv, datasetToCsv, type LabelledDataset } from 'alambic/distill'
import { drawEnv } from 'alambic/render'
import { Discrete, type Env, type Moment, play, ValueFunction } from 'alambic/rl'
import { type Config, defaults, studentKey, teacherKey } from './config.ts'
import {
  digestOf,
  distillation,
  exported,
  type FileKind,
  hasValues,
  meanReturn,
  observationsOf,
  outputsOf,
  parametersOf,
  planeOf,
  playerOf,
  type Result,
  statesOf,
} from './lab.ts'
import type { FromWorker, Maps, PlayerView, StudentView, TeacherView, ToWorker } from './protocol.ts'
import { taskOf } from './tasks.ts'
import { makeEnv, type Shown, type Teaching, trainedTeacher, training, uploadedTeacher } from './teachers.ts'

/** Milliseconds of work between two looks at the messages. */
const SLICE = 8
const FRAME = 1000 / 60

const post = (message: FromWorker, transfer: Transferable[] = []) =>
  (globalThis as unknown as { postMessage(m: unknown, t: Transferable[]): void }).postMessage(message, transfer)

let config: Config = defaults()
let stopWhenSolved = true
let teaching: Teaching | undefined
let uploaded: { readonly teaching: Teaching; readonly name: string } | undefined
let labelsGiven: LabelledDataset | undefined
let student: Shown | undefined
let result: Result | undefined
/** Temperature of the labels, in their unit; 0: the best action alone. */
let temperature = 0
let curve: number[] = []
const keys = { teacher: '', student: '', played: '', view: '' }
/** The student of play alone, to which states are added. */
let played: Result | undefined
let probed: readonly number[] | undefined

// Work: one generator at a time, the latest.

let job: Generator<void, void, void> | undefined
let isStopping = false

function* work(): Generator<void, void, void> {
  try {
    if (labelsGiven === undefined || teaching === undefined) yield* teach()
    yield* learn()
  } catch (error) {
    const where = teaching === undefined ? 'teacher' : 'student'
    post({ type: 'failure', where, message: error instanceof Error ? error.message : String(error) })
    if (where === 'student') post({ ...noStudent(), status: 'none' })
  }
}

function* teach(): Generator<void, void, void> {
  const key = config.teacher === 'upload' ? `upload ${uploaded?.name}` : teacherKey(config)
  if (key === keys.teacher && teaching !== undefined) return
  keys.teacher = ''
  keys.played = ''
  teaching = undefined
  student = undefined
  result = undefined
  curve = []
  isStopping = false
  restart()
  post({ ...noStudent(), status: 'none' })
  const { teacher, env } = config
  if (teacher === 'upload') teaching = uploaded!.teaching
  else if (taskOf(env).trained.includes(teacher)) teaching = trainedTeacher(teacher, env)
  else yield* train()
  keys.teacher = teacher === 'upload' ? key : teacherKey(config)
  post(teacherView('ready', meanReturn(teaching!.agent, env), config.teacherSteps, config.teacherSteps))
  postMaps()
  yield
}

function* train(): Generator<void, void, void> {
  const shown = every(100)
  const mapped = every(200)
  let step = 0
  for (const moment of training(config, stopWhenSolved)) {
    step = moment.step
    teaching = moment.teaching
    for (const episode of moment.episodes) curve.push(episode.step, episode.return)
    if (shown()) post(teacherView('training', Number.NaN, step, moment.total))
    if (mapped()) postMaps()
    yield
    if (isStopping) break
  }
  config = { ...config, teacherSteps: step }
  post({ type: 'stopped', steps: step })
}

function* learn(): Generator<void, void, void> {
  const key = studentKey(config)
  if (key === keys.student && result !== undefined && labelsGiven === undefined) return
  keys.student = ''
  result = undefined
  if (labelsGiven === undefined && config.labels === 0 && config.clicks.length === 0) {
    student = undefined
    post({ ...noStudent(), status: 'none' })
    post({ type: 'labels', states: new Float32Array(), actions: new Float32Array(), added: 0, ...noCounts })
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
    if (value.phase === 'label') postLabels(value.dataset)
    if (shown()) {
      const status = value.phase === 'label' ? 'collecting' : 'fitting'
      const { round, rounds, loss, totalUpdates: updates } = value
      post({ ...noStudent(), status, round, rounds, loss, update: value.cost.updates, updates })
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
  postLabels(result.dataset)
  postMaps()
  yield
  const mean = meanReturn(student, config.env)
  const { updates } = result.cost
  const parameters = parametersOf(student)
  post({
    ...noStudent(),
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

const noCounts = { labels: 0, teacherEvaluations: 0, environmentSteps: 0 }

function noStudent(): StudentView {
  const none = { round: 0, rounds: 0, update: 0, updates: 0, parameters: 0, seconds: 0, digest: '' }
  return { type: 'student', status: 'none', ...none, loss: Number.NaN, mean: Number.NaN }
}

function teacherView(status: TeacherView['status'], mean: number, step = 0, total = 0): TeacherView {
  const { agent, parameters } = teaching!
  return {
    ...{ type: 'teacher', status, step, total, parameters, mean, curve: Float32Array.from(curve) },
    name: config.teacher === 'upload' ? uploaded!.name : config.teacher,
    scores: agent.logits !== undefined || agent.actionValues !== undefined || agent.bounds !== undefined,
    actionValues: agent.actionValues !== undefined,
    stateValues: agent.stateValues !== undefined || agent.actionValues !== undefined,
  }
}

function postLabels(dataset: LabelledDataset): void {
  const { cost, observationSize, numActions, size } = dataset
  const states = Float32Array.from(statesOf(config.env, dataset.column('observations'), observationSize).flat())
  const { firstRound, laterRounds, choice } = cost.environmentSteps
  post({
    ...{ type: 'labels', states, actions: actionsOf(dataset, numActions, size), labels: cost.labels },
    ...{ added: labelsGiven ? 0 : config.clicks.length, teacherEvaluations: cost.teacherEvaluations },
    environmentSteps: firstRound + laterRounds + choice,
  })
}

function actionsOf(dataset: LabelledDataset, numActions: number, size: number): Float32Array {
  if (numActions === 0) return outputsOf(teaching!.agent, dataset.column('observations'), 0).policy!
  if (!dataset.has('logits') && !dataset.has('actionValues')) {
    return dataset.has('actions') ? dataset.column('actions').slice() : new Float32Array(size)
  }
  const scores = dataset.scores()
  return Float32Array.from({ length: size }, (_, i) => {
    const row = scores.subarray(i * numActions, (i + 1) * numActions)
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)))
  })
}

// Maps.

function postMaps(): void {
  if (teaching === undefined) return
  const { map, env } = config
  const side = env === 'GridWorld-v0' ? 8 : 48
  const plane = planeOf(config, side)
  const asPolicy = softness()
  const shown = map === 'value' && hasAnyValues(teaching.agent) ? 'value' : 'policy'
  const ofTeacher = outputsOf(teaching.agent, plane, asPolicy.teacher)
  const ofStudent = student && outputsOf(student, plane, asPolicy.student)
  if (shown === 'value') {
    const values = ofTeacher.values!
    const learnt = hasValues(config) ? ofStudent?.values : undefined
    const inUnits = student instanceof ValueFunction || learnt === undefined
    const [a, b] = inUnits ? [values, learnt] : [standardized(values), learnt && standardized(learnt)]
    const difference = b?.map((each, i) => each - a[i]!)
    const noValues = ofStudent && !hasValues(config) ? 'This student learns a policy, which has no values.' : ''
    const note = noValues || (inUnits ? '' : 'Values in standard deviations of each map.')
    send({ kind: 'value', width: 1, teacher: a, ...(b && { student: b }), ...(difference && { difference }), note })
    return
  }
  const { policy } = ofTeacher
  const width = policy === undefined ? 1 : policy.length / (side * side)
  const learnt = ofStudent?.policy
  const difference = policy && learnt && distances(policy, learnt, width)
  const note = ofStudent && learnt === undefined ? 'This student learns state values and acts by a look-ahead.' : ''
  send({
    kind: 'policy',
    width,
    ...(policy && { teacher: policy }),
    ...(learnt && { student: learnt }),
    ...(difference && { difference }),
    note,
  })

  function send(maps: Omit<Maps, 'type' | 'side' | 'range'>): void {
    const all = [...(maps.teacher ?? []), ...(maps.student ?? [])]
    const range = all.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)] as [number, number], [
      Infinity,
      -Infinity,
    ] as [number, number])
    post({ type: 'maps', side, range, ...maps })
  }
}

/** The temperatures at which policies are shown: that of the labels for the teacher, 1 for logits. Values alone act by the best. */
function softness(): { teacher: number; student: number } {
  if (config.target === 'hard' || config.target === 'q-mse') return { teacher: 0, student: 0 }
  return { teacher: temperature || 1, student: config.target === 'q-softmax' ? temperature : 1 }
}

const hasAnyValues = (agent: Shown) => agent.stateValues !== undefined || agent.actionValues !== undefined

function standardized(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) || 1
  return values.map((x) => (x - mean) / std)
}

/** Total variation of two policies in each cell; for continuous actions their difference. */
function distances(a: Float32Array, b: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: a.length / width }, (_, i) => {
    if (width === 1) return b[i]! - a[i]!
    let sum = 0
    for (let k = i * width; k < (i + 1) * width; k++) sum += Math.abs(a[k]! - b[k]!) / 2
    return sum
  })
}

function probe(state: readonly number[]): void {
  probed = state
  if (teaching === undefined) return
  const observation = observationsOf(config.env, [state])
  const asPolicy = softness()
  const a = outputsOf(teaching.agent, observation, asPolicy.teacher)
  const b = student && outputsOf(student, observation, asPolicy.student)
  post({
    ...{ type: 'probe', state },
    ...(a.policy && { teacher: a.policy }),
    ...(b?.policy && { student: b.policy }),
    ...(a.values && { teacherValue: a.values[0]! }),
    ...(b?.values && hasValues(config) && { studentValue: b.values[0]! }),
  })
}

// Play: teacher and student from the same start states; an episode that ends waits for the other.

interface Player {
  readonly env: Env
  readonly moments: Generator<Moment, void, void>
  moment: Moment
}

let isPlaying = true
let players: { teacher?: Player; student?: Player } = {}
let due = 0

function restart(): void {
  players = {}
}

function newPlayer(agentOf: () => Shown | undefined): Player {
  const env = makeEnv(config.env)
  const { id } = { id: config.env }
  let agent: Shown | undefined
  let policy = playerOf(agentOf()!, id)
  const choose = (each: unknown, observation: unknown) => {
    const latest = agentOf()
    if (latest !== undefined && latest !== agent) {
      agent = latest
      policy = playerOf(latest, id)
    }
    const acts = policy as {
      plan?(env: unknown): unknown
      act?(x: unknown): unknown
      actBatch?(x: unknown): ArrayLike<number>
    }
    if (acts.plan) return acts.plan(each)
    return acts.act ? acts.act(observation) : acts.actBatch!(observation)[0]
  }
  const moments = play(env as never, choose, Infinity, 1000 + config.seed)
  return { env, moments, moment: moments.next().value! }
}

function advance(): void {
  if (teaching && !players.teacher) players.teacher = newPlayer(() => teaching?.agent)
  if (student && !players.student) {
    players.teacher = newPlayer(() => teaching?.agent)
    players.student = newPlayer(() => student)
  }
  if (!student) delete players.student
  const all = [players.teacher, players.student].filter((each) => each !== undefined)
  const areDone = all.every(({ moment }) => moment.ended)
  for (const player of all) {
    if (player.moment.ended && !areDone) continue
    player.moment = player.moments.next().value!
  }
}

function view(player: Player | undefined): PlayerView | undefined {
  return player && { scene: drawEnv(player.env as never), ...player.moment }
}

function postFrame(): void {
  const [a, b] = [view(players.teacher), view(players.student)]
  if (a || b) post({ type: 'frame', ...(a && { teacher: a }), ...(b && { student: b }) })
}

// The loop.

const channel = new MessageChannel()
channel.port1.onmessage = loop
let isScheduled = false
let lastFrame = 0

function schedule(delay: number): void {
  if (isScheduled) return
  isScheduled = true
  if (delay > 0) setTimeout(loop, delay)
  else channel.port2.postMessage(0)
}

function loop(): void {
  isScheduled = false
  const now = performance.now()
  if (now - lastFrame >= FRAME - 1) {
    const elapsed = Math.min(now - lastFrame, 100)
    lastFrame = now
    if (isPlaying) {
      due += (elapsed / 1000) * taskOf(config.env).pace * config.speed
      const steps = Math.floor(due)
      due -= steps
      for (let i = 0; i < steps; i++) advance()
      if (steps > 0) postFrame()
    }
  }
  const end = now + SLICE
  while (job !== undefined && performance.now() < end) if (job.next().done) job = undefined
  if (job !== undefined) schedule(0)
  else if (isPlaying) schedule(Math.max(1, lastFrame + FRAME - performance.now()))
}

function every(milliseconds: number): () => boolean {
  let last = 0
  return () => {
    const now = performance.now()
    if (now - last < milliseconds) return false
    last = now
    return true
  }
}

/** Runs the loop at most that long without a look at the messages. */
function start(): void {
  job = work()
  schedule(0)
}

function configure(next: Config): void {
  const isOther = next.env !== config.env
  const viewKey = JSON.stringify([next.map, next.axes, next.held])
  const isOtherView = viewKey !== keys.view
  keys.view = viewKey
  const before = config
  config = next
  if (isOther) {
    labelsGiven = undefined
    probed = undefined
    teaching = undefined
    student = undefined
    restart()
  } else if (before.seed !== next.seed) restart()
  if (labelsGiven === undefined && teacherKey(next) === keys.teacher && studentKey(next) === keys.student) {
    if (isOtherView) postMaps()
    return
  }
  start()
}

function save(kind: FileKind): void {
  if (kind === 'teacher') {
    const { file } = teaching ?? {}
    if (file !== undefined) post({ type: 'file', name: `${config.teacher}.safetensors`, content: file })
  } else if (result === undefined) post({ type: 'failure', where: 'student', message: 'There is no student yet.' })
  else if (kind === 'csv') post({ type: 'file', name: 'labels.csv', content: datasetToCsv(result.dataset) })
  else post({ type: 'file', name: `student.${kind}`, content: exported(result.student, kind) })
}

function readCsv(text: string): LabelledDataset {
  const { actionSpace } = makeEnv(config.env)
  return datasetFromCsv(text, {
    envId: config.env,
    ...(actionSpace instanceof Discrete && { actionSpace }),
    teacher: 'upload',
  })
}

const handlers: { [T in ToWorker['type']]: (message: Extract<ToWorker, { type: T }>) => void } = {
  configure(message) {
    stopWhenSolved = message.stopWhenSolved
    configure(message.config)
  },
  play(message) {
    isPlaying = message.isPlaying
    lastFrame = performance.now()
    schedule(0)
  },
  step() {
    advance()
    postFrame()
  },
  restart() {
    restart()
    advance()
    postFrame()
  },
  'stop-training'() {
    isStopping = true
  },
  probe: ({ state }) => probe(state),
  export: ({ kind }) => save(kind),
  csv({ text }) {
    const dataset = readCsv(text)
    labelsGiven = dataset
    keys.student = ''
    const isSoft = ['logits', 'actionValues', 'mean'].some((name) => dataset.has(name as 'logits'))
    post({ type: 'read', target: isSoft || !dataset.has('actions') ? config.target : 'hard' })
  },
  'no-csv'() {
    labelsGiven = undefined
    keys.student = ''
    start()
  },
  'policy-file'({ name, bytes }) {
    uploaded = { teaching: uploadedTeacher(bytes), name }
    keys.teacher = ''
    keys.student = ''
    config = { ...config, teacher: 'upload' }
    start()
  },
}

const places: Partial<Record<ToWorker['type'], 'teacher' | 'labels'>> = { csv: 'labels', 'policy-file': 'teacher' }

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  try {
    handlers[data.type](data as never)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    post({ type: 'failure', where: places[data.type] ?? 'student', message })
  }
}
