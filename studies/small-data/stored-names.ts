// Stored results and teachers carry the option names of the version that wrote them. Fingerprints are computed from the stored
// names, so renaming an option does not invalidate hours of computing: it takes one line here.

import { fingerprint } from './fingerprint.ts'

/** Current name of an option, target or mode → its name in stored files. Applied to object keys and to text values. */
export const storedNames: Readonly<Record<string, string>> = {
  nStep: 'numSteps',
  targetUpdateInterval: 'targetInterval',
  explorationFinalEps: 'finalEpsilon',
  logInterval: 'reportInterval',
  randomActionRepeat: 'randomHold',
  numEpochs: 'epochs',
  numMinibatches: 'minibatches',
  autoEntropyCoef: 'learnTemperature',
  prioritized: 'prioritised',
}

/** Settings of a method whose form has changed since records were stored: `fingerprint` of the present ones → those of the records. */
const storedSettings: Readonly<Record<string, unknown>> = {
  // soft-student-spread
  '03a645bf': {
    distillation: {
      target: 'policy',
      temperature: { kind: 'gap', c: 0.3 },
      mode: 'student',
      firstRound: 'mixedEpsilon',
      spread: 5,
    },
  },
  // soft-student-mixed
  f0facf68: {
    distillation: {
      target: 'policy',
      temperature: { kind: 'gap', c: 0.3 },
      mode: 'student',
      firstRound: 'mixedEpsilon',
      spread: 1,
    },
  },
  // soft-student
  '418483af': {
    distillation: {
      target: 'policy',
      temperature: { kind: 'gap', c: 1 },
      mode: 'student',
      firstRound: 'teacherIid',
      rounds: 5,
      spread: 1,
    },
  },
  // soft-cool-student
  ada22cbb: {
    distillation: {
      target: 'policy',
      temperature: { kind: 'gap', c: 0.3 },
      mode: 'student',
      firstRound: 'teacherIid',
      rounds: 5,
      spread: 1,
    },
  },
  // hard-student
  '0d3b292b': { distillation: { target: 'hard', mode: 'student', firstRound: 'teacherIid', rounds: 5, spread: 1 } },
  // soft-mixed
  '0ccdf188': { distillation: { target: 'policy', temperature: { kind: 'gap', c: 1 }, mode: 'mixedEpsilon' } },
  // soft-iid
  e75b2243: { distillation: { target: 'policy', temperature: { kind: 'gap', c: 1 }, mode: 'teacherIid' } },
  // hard-iid
  '0aa49377': { distillation: { target: 'hard', mode: 'teacherIid' } },
  // hard-contiguous
  cd6ecf97: { distillation: { target: 'hard', mode: 'teacherContiguous' } },
  // q-soft-mixed
  '266d97ca': { distillation: { target: 'actionValues', temperature: { kind: 'gap', c: 1 }, mode: 'mixedEpsilon' } },
  // q-mse-iid
  '38e6cf11': { distillation: { target: 'actionValuesMse', mode: 'teacherIid' } },
  // q-mse-mixed
  f229efde: { distillation: { target: 'actionValuesMse', mode: 'mixedEpsilon' } },
  // advantage-iid
  '5ed31c57': { distillation: { target: 'advantages', mode: 'teacherIid' } },
  // v-mse-iid-1
  ba881185: { distillation: { target: 'stateValues', mode: 'teacherIid' }, depth: 1 },
  // v-mse-1
  e593817a: { distillation: { target: 'stateValues', mode: 'mixedEpsilon' }, depth: 1 },
  // v-mse-3
  e197f85c: { distillation: { target: 'stateValues', mode: 'mixedEpsilon' }, depth: 3 },
  // v-hlgauss-1
  '73b0c71f': { distillation: { target: 'hlGauss', mode: 'mixedEpsilon' }, depth: 1 },
  // v-hlgauss-3
  '77b54a99': { distillation: { target: 'hlGauss', mode: 'mixedEpsilon' }, depth: 3 },
  // v-listwise-1
  '6f526083': {
    distillation: { target: 'listwise', mode: 'mixedEpsilon', temperature: { kind: 'gap', c: 0.3 } },
    depth: 1,
  },
  // v-listwise-3
  '7356e3fd': {
    distillation: { target: 'listwise', mode: 'mixedEpsilon', temperature: { kind: 'gap', c: 0.3 } },
    depth: 3,
  },
  // v-literal-1
  dc110037: { distillation: { target: 'literal', mode: 'mixedEpsilon' }, depth: 1 },
  // v-literal-keras-1
  '638af632': { distillation: { target: 'literalKeras', mode: 'mixedEpsilon' }, depth: 1 },
  // no-teacher
  b334f11e: { distillation: { target: 'returns', mode: 'random' } },
  // soft-mixed-then-rl
  '402079b6': {
    distillation: { target: 'policy', temperature: { kind: 'gap', c: 1 }, mode: 'mixedEpsilon' },
    thenSteps: 20480,
  },
}

/** The settings of a method as in stored records. */
export function storedSettingsOf(settings: unknown): unknown {
  return storedSettings[fingerprint(settings)] ?? withStoredNames(settings)
}

type Names = Readonly<Record<string, string>>

/** A JSON value with every name as in stored files. */
export function withStoredNames(value: unknown, names: Names = storedNames): unknown {
  return renamed(value, (name) => (Object.hasOwn(names, name) ? names[name]! : name))
}

/** A JSON value read from a file, with every name as it is now. */
export function withCurrentNames<Value>(stored: Value, names: Names = storedNames): Value {
  const current = new Map(Object.entries(names).map(([now, then]) => [then, now]))
  return renamed(stored, (name) => current.get(name) ?? name) as Value
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (typeof value === 'string') return rename(value)
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [rename(name), renamed(each, rename)]))
}
