// Errors in the tabular and card environments, in checkEnv, and in the drawing.

import { mutantsOf } from './mutant.ts'
import { testsIn } from './tests.ts'

const test = testsIn('test/rl', 'test/data')
const toyText = test('envs/toy-text.golden', 'envs/toy-text')
const blackjack = test('envs/blackjack.golden', 'envs/toy-text')
const check = test('check-env')
const drawing = ['renderers', 'svg', 'draw-env'].map((name) => `test/render/${name}.test.ts`)
const cli = ['test/cli/watch-record.test.ts']

export const environmentMutants = [
  ...mutantsOf('src/rl/envs/tasks/tabular.ts', toyText, [
    ['if (sum > draw) return outcome', 'if (sum >= draw) return outcome'],
    ['return outcomes[0]!', 'return outcomes.at(-1)!'],
    ['    this.requireState(numbers[0]!)\n', ''],
    ['probabilities[state] = 1 / this.table.starts.length', 'probabilities[state] = 1'],
  ]),
  ...mutantsOf('src/rl/envs/episodic-env.ts', toyText, [
    ['if (seed !== undefined) this.rng = new Rng(seed)', ''],
    ["if (terminated) this.phase = 'ended'", ''],
    ["this.restoreState(numbers)\n    this.phase = 'running'", 'this.restoreState(numbers)'],
    ['    this.requireAction(action)\n', ''],
  ]),
  ...mutantsOf('src/rl/envs/tasks/tile-map.ts', toyText, [
    ['column > 0 ? cell - 1 : cell', 'cell - 1'],
    ['row < map.rows - 1 ? cell + map.columns : cell', 'row < map.rows ? cell + map.columns : cell'],
    ['line.length !== columns', 'line.length > columns'],
    ["lines.every((line) => typeof line === 'string')", 'true'],
    ['for (const next of from(cell)) seen.add(next)', 'for (const next of from(start)) seen.add(next)'],
    ['map.cells[next] !== blocked', 'true'],
  ]),
  ...mutantsOf('src/rl/envs/tasks/frozen-lake.ts', toyText, [
    ['const sideways = (1 - successRate) / 2', 'const sideways = 1 / 3'],
    ['[(action + 3) % 4, action, (action + 1) % 4]', '[(action + 1) % 4, action, (action + 3) % 4]'],
    ['return deterministic(cell, 0, true)', 'return deterministic(cell, 0)'],
    [
      'const lost = starts.find((start) => !crossable(map, start))',
      'const lost = starts.slice(1).find((start) => !crossable(map, start))',
    ],
    ['rng.uniform() < frozenProbability', 'rng.uniform() > frozenProbability'],
    ['if (starts.length === 0)', 'if (starts.length < 0)'],
    ["letter === 'G' ? 0 : letter === 'H' ? 1 : 2", "letter === 'G' ? 0 : 2"],
  ]),
  ...mutantsOf('src/rl/envs/tasks/cliff-walking.ts', toyText, [
    ['reward: -100, terminated: false', 'reward: -100, terminated: true'],
    ['nextState: start, reward', 'nextState: next, reward'],
    ['next > start && next < goal', 'next > start && next <= goal'],
    ['[(action + 3) % 4, action, (action + 1) % 4]', '[(action + 1) % 4, action, (action + 3) % 4]'],
  ]),
  ...mutantsOf('src/rl/envs/tasks/taxi.ts', toyText, [
    ['const TO_THE_LEFT = [EAST, WEST, NORTH, SOUTH]', 'const TO_THE_LEFT = [WEST, EAST, NORTH, SOUTH]'],
    ['straight === taxi ? taxi : cells[i]!', 'cells[i]!'],
    ['before.passenger !== ABOARD || now.taxi === before.taxi', 'before.passenger !== ABOARD'],
    ['before.passenger !== ABOARD || now.taxi === before.taxi', 'now.taxi === before.taxi'],
    ['    this.willChangeDestination = false\n', ''],
    ['passenger !== ABOARD && passenger !== destination', 'passenger !== ABOARD'],
    ['arrived ? 20 : -1, arrived', 'arrived ? 20 : -1, true'],
    ['passenger !== ABOARD || place < 0', 'passenger !== ABOARD'],
    ['passenger === ABOARD && TAXI_PLACES.includes(taxi)', 'passenger === ABOARD'],
    ["if (TAXI_TOWN[row]![border] !== ':') return taxi", "if (TAXI_TOWN[row]![border] === ' ') return taxi"],
    ['this.willChangeDestination = flag === 1', ''],
  ]),
  ...mutantsOf('src/rl/envs/tasks/blackjack.ts', blackjack, [
    ['handSum(this.dealer) < 17', 'handSum(this.dealer) <= 17'],
    ['<= 11', '<= 10'],
    ['cards.length === 2 && cards.includes(1) && cards.includes(10)', 'cards.includes(1) && cards.includes(10)'],
    ['if (this.rules.sab) return isNatural(this.dealer) ? reward : 1', 'if (this.rules.sab) return 1'],
    ['this.rules.natural && reward === 1 ? 1.5 : reward', 'this.rules.natural ? 1.5 : reward'],
    ['return sum > 21 ? 0 : sum', 'return sum'],
    ['terminated: isBust }', 'terminated: false }'],
    ['handSum(player) > 21) {', 'handSum(player) > 31) {'],
  ]),
  ...mutantsOf('src/rl/envs/tasks/bandit.ts', test('envs/toy-text'), [
    ['this.rng.normal(this.means[action], 1)', 'this.rng.normal(0, 1)'],
    ['if (this.drift > 0)', 'if (this.drift > 1)'],
    ['argmaxOf(this.means)', 'argmaxOf(this.means.map((mean) => -mean))'],
    ['this.fixedMeans ?? ', ''],
  ]),
  ...mutantsOf('src/rl/envs/tasks/grid-world.ts', test('envs/toy-text'), [
    ["if (map.cells[cell] === 'T') return deterministic(cell, 0, true)", ''],
    ["next === cell || map.cells[next] === '#'", 'next === cell'],
    ['marked.length > 0 ? marked : ', ''],
    [
      "    return jump === undefined ? openNeighbours(map, cell, '#') : [jump.to]",
      "    return openNeighbours(map, cell, '#')",
    ],
    ['options.bumpReward === undefined ? moveReward : o.bumpReward', 'o.bumpReward'],
  ]),
  ...mutantsOf('src/rl/envs/tasks/corridor.ts', test('envs/toy-text'), [
    ['Math.max(0, cell - 1)', 'cell - 1'],
    ['this.current / (this.numStates - 1)', 'this.current / this.numStates'],
  ]),
  ...mutantsOf('src/data/values.ts', check, [
    ['!(x >= low[i]! && x <= high[i]!)', '!(x >= low[i]!)'],
    ['if (Number.isNaN(value[at]))', 'if (false)'],
    ['return Number.isFinite(reward)', 'return true'],
    ['entries.length !== space.n', 'entries.length < space.n'],
    ["entries.includes(1) ? undefined : 'allows no action at all'", 'undefined'],
    ['a.constructor !== b.constructor', 'false'],
    ['if (foreign !== undefined)', 'if (false)'],
    ['if (!Object.hasOwn(values, key))', 'if (false)'],
  ]),
  ...mutantsOf('src/rl/envs/checks/behaviour.ts', check, [
    ['if (differing >= 0)', 'if (differing > 0)'],
    ['sameValue(before, started) || ', ''],
    ['(value as Float32Array).fill(0)', '(value as Float32Array).fill((value as Float32Array)[0]!)'],
    ['      overwrite(part)\n', ''],
    ['if (!sameValue(state, kept))', 'if (false)'],
    ['  env.state = kept\n', ''],
    [
      "if (error instanceof StateError) return\n  add('step before",
      "if (error !== undefined) return\n  add('step before",
    ],
    [
      "if (error instanceof StateError) return\n    add('step after",
      "if (error !== undefined) return\n    add('step after",
    ],
    ['if (!terminated && !truncated) continue', 'if (!truncated) continue'],
    [
      '[space.start - 1, space.start + space.n, space.start + 0.5, Number.NaN, undefined]',
      '[space.start + space.n, space.start + 0.5, Number.NaN, undefined]',
    ],
  ]),
  ...mutantsOf('src/rl/envs/checks/behaviour.ts', test('mirror-symmetry'), [
    ['if (!expected.every((x, k) => isClose(x, observation[k]!)))', 'if (false)'],
    ['if (!isClose(step.reward, image.reward))', 'if (false)'],
    ['if (step.terminated === image.terminated) return', 'return'],
    ['const TOLERANCE = 1e-5', 'const TOLERANCE = 1'],
    ['if (!sameValue(after.rng, before.rng))', 'if (false)'],
    ['if (before.state.length !== stateSigns.length)', 'if (false)'],
  ]),
  ...mutantsOf('src/rl/envs/mirror-symmetry.ts', test('mirror-symmetry'), [
    ['actionPermutation[image] === a', 'true'],
    ['low[k] !== -high[k]!', 'false'],
    ['Math.abs(sign) !== 1', 'sign === 0'],
  ]),
  ...mutantsOf('src/rl/envs/wrappers/action.ts', test('mirror-symmetry'), [
    ['low[0] === -high[0]! ? this.env.mirror : undefined', 'this.env.mirror'],
    ['x - actionSigns[k]! * b[k]!', 'x - b[k]!'],
  ]),
  ...mutantsOf(
    'src/distill/dataset/dataset-operations.ts',
    ['test/distill/mirror.test.ts'],
    [
      [
        "name === 'returns' || name === 'stateValues' || name === 'logStd'",
        "name === 'returns' || name === 'stateValues'",
      ],
      ["if (name === 'actions') return values.map", "if (name !== 'actions') return values.map"],
      ['values[i - (i % n) + actionPermutation[i % n]!]!', 'values[i]!'],
      ["if (name === 'observations' || name === 'successors') return signed(values, observationSigns)", ''],
    ],
  ),
  ...mutantsOf('src/data/spaces.ts', test('spaces'), [['.sort(([a], [b]) => (a < b ? -1 : 1))', '']]),
  ...mutantsOf('src/data/packing.ts', test('spaces'), [['out[next + numbers[i]!] = 1', 'out[next] = 1']]),
  ...mutantsOf('src/data/packing.ts', test('spaces'), [
    ['entries.every((x, i) => x === typed[i]) ? typed : entries', 'typed'],
  ]),
  ...mutantsOf('src/rl/envs/vector/sync-vector-env.ts', test('vector-env'), [
    ['.length !== this.vectorLength', '.length === 0'],
    ['step <= 1 || ', ''],
    ['if (!Number.isFinite(reward))', 'if (Number.isNaN(reward))'],
    ['actionMask?.length !== numActions', 'false'],
  ]),
  ...mutantsOf('src/rl/envs/checks/check-env.ts', check, [
    ['if (!sameValue(action, given))', 'if (false)'],
    ["if (typeof step[flag] === 'boolean')", 'if (step[flag] !== undefined)'],
  ]),
  ...mutantsOf('src/render/coverage.ts', drawing, [
    ['depth(x + 0.5, y + 0.5) + 0.5', 'depth(x, y) + 0.5'],
    ['if (covered > this.values[at]!) this.values[at] = covered', 'this.values[at] = covered'],
    ['(line + 0.5) / rows', 'line / rows'],
    ['Math.min(to, x + 1) - Math.max(from, x)', '1'],
    ['- radius\n      return stroke > 0 ? reach', '\n      return stroke > 0 ? reach'],
  ]),
  ...mutantsOf('src/render/raster.ts', drawing, [
    ['if (coverStroke(mask, shape, view))', 'if (false)'],
    ['const covered = opacity * mask', 'const covered = mask'],
    ['(width - scale * scene.width) / 2', '0'],
    ['[...points, ...points.slice(0, 1)]', 'points'],
  ]),
  ...mutantsOf('src/render/terminal.ts', drawing, [
    ['shape.faint || color === background', 'shape.faint'],
    ['shape.faint || color === background', 'color === background'],
    ['const THINNEST = 1.15', 'const THINNEST = 0'],
    ['0x01, 0x08, 0x02', '0x08, 0x01, 0x02'],
    ['const shift = label.anchor ===', "const shift = label.anchor === 'end' ? 0 : label.anchor ==="],
  ]),
  ...mutantsOf('src/render/svg.ts', drawing, [
    ['text.replace(/[&<>"]/g', 'text.replace(/[<>"]/g'],
    ['* 100) / 100 + 0', '* 10) / 10 + 0'],
  ]),
  ...mutantsOf(
    'src/render/gif.ts',
    [...cli, 'test/render/gif.test.ts'],
    [
      ['old?.[i] === pixels[i] ? TRANSPARENT', 'old !== undefined ? TRANSPARENT'],
      ['sort(([, a], [, b]) => b - a)', 'sort(([, a], [, b]) => a - b)'],
      ['Math.min(...distances)', 'Math.max(...distances)'],
      ['i === count - 1 ? Math.max(delay, pause) : delay', 'delay'],
    ],
  ),
  ...mutantsOf('src/rl/play.ts', cli, [
    ['!ended && left > 0', '!ended'],
    ['episode === 1 ? { seed } : {}', '{ seed }'],
    ['episodeReturn += result.reward', ''],
  ]),
  ...mutantsOf('src/cli/runs/agents.ts', cli, [
    ['inputs !== shown || ', ''],
    [' || actions !== String(actionSpace)', ''],
    ['agent instanceof ValueFunction ?', 'false ?'],
  ]),
]
