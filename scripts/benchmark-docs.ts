// Writes docs/benchmarks.md and its pictures from bench/results/peers.json and scaling.json: `npm run docs:benchmarks`, after
// `npm run bench:peers -- --json bench/results/peers.json` or `npm run bench:scaling -- --json bench/results/scaling.json`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dot, gridX, line, ruleX, ruleY, selectLast, text } from '@observablehq/plot'
import { type BenchRow, isRate, type PeerEntry, parseBenchFile } from '../bench/lib/bench-file.ts'
import { describeMachine } from '../bench/lib/machine.ts'
import { newDocument } from '../src/cli/terminal/document.ts'
import { draw } from '../src/plot/curves.ts'

const root = join(import.meta.dirname, '..')
const results = (name: string) => readFileSync(join(root, 'bench/results', `${name}.json`), 'utf8')

/** The files by their paths below the project's folder. */
export function benchmarkDocs(): Map<string, string> {
  const peers = JSON.parse(results('peers')) as PeerEntry[]
  const scaling = parseBenchFile(results('scaling'), 'scaling.json')
  const files = new Map([['docs/media/benchmarks/peers.svg', peersPicture(peers)]])
  const pictures = Object.keys(curves).map((name) => {
    files.set(`docs/media/benchmarks/${name}.svg`, curvePicture(name, scaling.rows))
    return `![${curves[name]!.title}](media/benchmarks/${name}.svg)\n\n${curves[name]!.about}\n`
  })
  const page = `# Benchmarks

Each figure is a median of at least five samples, measured in one run by the command under it, on the machine that is named there. Shared
machines drift, so compare within a run; \`npm run bench:compare -- a.json b.json\` says what changed beyond the noise.

## The same work in other packages

![Time of other packages, in multiples of alambic's](media/benchmarks/peers.svg)

A dot to the right of 1 is a package that takes longer than alambic, and a dot to the left one that is faster. ${threadsOf(peers)}
${torchOf(peers)}

${peersTable(peers)}

\`npm run bench:peers\`: ${describeMachine(peers[0]!.machine)}. [bench/peers](../bench/peers/README.md) describes the columns and what they need.

## What cost depends on

${pictures.join('\n')}
\`npm run bench:scaling\`: ${describeMachine(scaling.machine)}.

## What limits it

- **Large networks, SAC, TD3, DDPG**: WebAssembly has vectors of 128 bits, PyTorch's kernels of 512. Products reach 0.79 to 0.84 of what a
  core can do with 128 bits (\`npm run bench -- flops\`); \`setBackend('wasm', { relaxedSimd: true })\` adds fused multiply-add, which
  makes DQN a tenth faster and the last bits depend on the machine.
- **DQN and C51**: an update of DQN takes 11 MFLOP, half of its time in products; one of C51 28 MFLOP, at 1,300 to 1,600 updates a second.
  The row \`loop/dqn\` is a training of 0.1 s, and varies by a third; in trainings of 20,000 steps, seven in turn, DQN made 29,200 steps a
  second on two threads, 24,200 on one, and fused PyTorch 7,000.
- **PPO by CleanRL's recipe**: products take 5 of the 10 µs of a step. The preset \`cartpole-small\` has a smaller network and more environments.
- **Two threads**: a product of 64×64 becomes 1.7 times as fast, one of 512×512 1.8 to 2 times. In a step of 4-64-64-2 a quarter of the time is
  calls too small to hand over, and halves of the activations move between the caches, so it gains 1.3 times. The row \`loop/ppo\` is a
  training of 65 ms, in which the engine compiles its calls anew for helpers; one of 150,000 steps gains a tenth.

## Other programs

\`npm run bench:kernels\` times every kernel on every device of a machine, \`npm run bench:rl\` whole training loops, \`npm run bench:envs\`
environments, \`npm run bench -- training-step\` the parts of a training step. Each has \`--help\` and \`--json\`.
`
  return files.set('docs/benchmarks.md', page)
}

/** The time of a peer in multiples of ours. */
const multiple = ({ unit, ours }: PeerEntry, theirs: number) => (isRate(unit) ? ours / theirs : theirs / ours)

function threadsOf(peers: readonly PeerEntry[]): string {
  const threads = peers[0]!.ours_threads
  if (threads === 1) return 'Each has one thread, those whose name ends in `_2` two.'
  return `alambic may use ${threads} threads, and has one in \`ours_1\`; the others have one, those whose name ends in \`_2\` two.`
}

function torchOf(peers: readonly PeerEntry[]): string {
  const torch = peers.find((each) => each.torch !== null)?.torch
  return torch === undefined ? '' : `PyTorch is version ${torch?.replace(', ', ' with ')}.`
}

const PEERS: Readonly<Record<string, string>> = {
  ours_1: '#0b68c4',
  pytorch: '#c2410c',
  pytorch_fused: '#ea8a4b',
  pytorch_2: '#7c2d12',
  pytorch_fused_2: '#f6bd96',
  numpy: '#0f766e',
  tfjs_wasm: '#7c3aed',
  jax_js: '#64748b',
}

function peersPicture(peers: readonly PeerEntry[]): string {
  const names = Object.keys(PEERS).filter((name) => peers.some((entry) => entry.peers[name] !== undefined))
  const dots = peers.flatMap((entry) =>
    names.flatMap((peer) => {
      const theirs = entry.peers[peer]
      return theirs === undefined ? [] : [{ work: entry.work, peer, times: multiple(entry, theirs) }]
    }),
  )
  // The legend fills two rows above the works, over the whole width.
  const [least, most] = [Math.min(...dots.map(({ times }) => times)), Math.max(...dots.map(({ times }) => times))]
  const legend = names.map((peer, i) => {
    return { work: ' '.repeat(i % 2), peer, times: least * (most / least) ** ((i - (i % 2)) / (names.length + 1)) }
  })
  return picture('Time of other packages in multiples of that of alambic, by work', {
    ...{ width: 860, height: 142 + 26 * peers.length, marginLeft: 240, marginBottom: 44 },
    color: { domain: names, range: names.map((name) => PEERS[name]!), legend: false },
    x: { type: 'log', label: "time, in multiples of alambic's", tickFormat: (x: number) => `${x}` },
    y: { label: null, domain: ['', ' ', ...peers.map(({ work }) => work)], tickSize: 0 },
    marks: [
      gridX(),
      ruleX([1], { strokeWidth: 1.5 }),
      ruleY(dots, { y: 'work', stroke: '#d8d2c6' }),
      dot(legend, { x: 'times', y: 'work', fill: 'peer', r: 4.5 }),
      text(legend, { x: 'times', y: 'work', text: 'peer', dx: 8, textAnchor: 'start' }),
      dot(dots, {
        x: 'times',
        y: 'work',
        fill: 'peer',
        r: 4.5,
        title: ({ peer, times }) => `${peer}: ${times.toPrecision(3)}`,
      }),
    ],
  })
}

function peersTable(peers: readonly PeerEntry[]): string {
  const names = Object.keys(PEERS).filter((name) => peers.some((entry) => entry.peers[name] !== undefined))
  const head = ['work', 'unit', 'alambic', ...names]
  const rows = peers.map((entry) => [
    ...[`\`${entry.work}\``, entry.unit, digits(entry.ours)],
    ...names.map((name) => (entry.peers[name] === undefined ? '' : digits(entry.peers[name]!))),
  ])
  return [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const digits = (value: number) => (value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3))

const shortCount = (value: number) => (value >= 1e6 ? `${value / 1e6} M` : value.toLocaleString('en'))

interface CurveText {
  readonly title: string
  readonly about: string
  readonly x: string
  readonly y: string
  /** Names of the curves in one picture. Default: the curve of the same name alone. */
  readonly lines?: Readonly<Record<string, string>>
}

const curves: Readonly<Record<string, CurveText>> = {
  batch: {
    title: 'Time of a training step by batch',
    about: 'A training step (forward, mean squared error, backward, Adam) of a network 4-64-64-2.',
    ...{ x: 'batch', y: 'µs a step' },
  },
  width: {
    title: 'Time of a training step by width',
    about: 'The same step with a batch of 64 and two hidden layers of the given width.',
    ...{ x: 'width of the hidden layers', y: 'µs a step' },
  },
  'sub-environments': {
    title: 'Environment steps a second by sub-environments',
    about: 'CartPole-v1 as one vector environment, resets included.',
    ...{ x: 'sub-environments', y: 'steps a second' },
  },
  threads: {
    title: 'Speed of a product by size and threads',
    about:
      'A product of two square matrices on one thread and on two. The bits are the same; a product too small to gain from a second thread stays on one.',
    ...{ x: 'rows and columns', y: 'GFLOP/s', lines: { 'matmul-1': 'one thread', 'matmul-2': 'two threads' } },
  },
  labels: {
    title: 'Time of a student by labels',
    about:
      'Labels from one round of 2,000 steps, and a student 64-64 of 500 updates. What grows with the labels is their choice: updates cost the same.',
    ...{ x: 'labels', y: 'ms' },
  },
}

function curvePicture(name: string, rows: readonly BenchRow[]): string {
  const { title, x, y, lines = { [name]: '' } } = curves[name]!
  const points = rows.flatMap(({ name: own, ...row }) => {
    const [curve = '', place] = own.split('/')
    return Object.hasOwn(lines, curve) ? [{ ...row, x: Number(place), curve: lines[curve]! }] : []
  })
  const color = { stroke: 'curve' }
  return picture(title, {
    ...{ width: 560, height: 300, marginLeft: 70, marginBottom: 44 },
    x: {
      type: 'log',
      base: 2,
      label: x,
      tickFormat: (value: number) => `${value}`,
      ticks: [...new Set(points.map((each) => each.x))],
    },
    y: { type: 'log', label: y, grid: true, tickFormat: shortCount, ticks: 5 },
    color: { domain: Object.values(lines), range: ['#0b68c4', '#c2410c'] },
    marks: [
      line(points, { x: 'x', y: 'median', ...color }),
      ruleX(points, { x: 'x', y1: 'p25', y2: 'p75', ...color }),
      dot(points, { x: 'x', y: 'median', fill: 'curve', r: 3.5 }),
      text(points, selectLast({ x: 'x', y: 'median', z: 'curve', text: 'curve', dx: -6, dy: -14, textAnchor: 'end' })),
    ],
  })
}

/** An SVG file: its colors are fixed, since other pages show it. */
function picture(title: string, options: Parameters<typeof draw>[2]): string {
  const svg = draw(newDocument(), title, options).replace('background:none', 'background:white;color:#23303d')
  return `${svg.includes('xmlns=') ? svg : svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of benchmarkDocs()) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}
