// Writes docs/environments.md: each environment's own tables, from the comment that its file opens with, its picture, and
// its entry in the registry. Run it after a change to either: `npm run docs:envs`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawEnv } from '../src/render/draw-env.ts'
import { toSvg } from '../src/render/svg.ts'
import { builtInEnvs, make, spec } from '../src/rl/envs/tasks/make.ts'
import { algorithms } from '../src/rl/registry.ts'
import type { ActionKind } from '../src/rl/training/training.ts'
import { Rng } from '../src/tensor/random.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The generated files, by their paths below the project's folder. */
export function environmentDocs(): Map<string, string> {
  const files = new Map<string, string>()
  const chapters: string[] = []
  for (const [name, members] of idsByEnvironment()) {
    const picture = `media/environments/${name}.svg`
    files.set(`docs/${picture}`, `${pictureOf(members[0]!)}\n`)
    chapters.push(chapterOf(name, members, picture))
  }
  files.set('docs/environments.md', `${opening()}\n${chapters.join('\n')}`)
  return files
}

/** The ids of each environment under the name of its file, in the registry's order. */
function idsByEnvironment(): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const { id } of builtInEnvs) {
    const name = kebabCase(make(id).unwrapped.constructor.name)
    groups.set(name, [...(groups.get(name) ?? []), id])
  }
  return groups
}

function opening(): string {
  return `# Environments

<!-- Written by \`npm run docs:envs\` from the files in src/rl/envs/tasks and the registry. Change it there. -->

\`\`\`ts
import { make } from 'alambic/rl'

const env = make('CartPole-v1')
let { observation } = env.reset({ seed: 7 })
let steps = 0
for (let ended = false; !ended; steps++) {
  const angle = observation[2] ?? 0
  const step = env.step(angle > 0 ? 1 : 0) // push towards the side the pole leans to
  observation = step.observation
  ended = step.terminated || step.truncated
}
console.log(steps) // → 25
\`\`\`

\`alambic watch CartPole-v1\` plays one in the terminal, \`alambic record CartPole-v1 --out cart.gif\` makes a film of it; in code,
\`drawEnv\`, \`toSvg\` and \`toText\` of \`alambic/render\` draw the current state.

**Vector environments** step several sub-environments at once, into arrays that the next step overwrites, and reset each by itself:

\`\`\`ts
import { makeVec } from 'alambic/rl'

const envs = makeVec('CartPole-v1', 2)
envs.reset({ seed: 7 })
let step = envs.step([0, 1])
while (!step.infos.dones.includes(1)) step = envs.step([0, 1])
const { observations, rewards, terminations, truncations, infos } = step
console.log(observations.length, [...rewards], [...terminations], [...truncations]) // → 8 [ 1, 1 ] [ 0, 1 ] [ 0, 0 ]
console.log([...infos.dones], [...infos.episodeReturns], [...infos.episodeLengths]) // → [ 0, 1 ] [ 0, 9 ] [ 0, 9 ]
\`\`\`

| \`infos\` | shape | holds |
| --- | --- | --- |
| \`finalObservations\` | [numEnvs, observationSize] | the observation each step led to, before any reset |
| \`dones\` | [numEnvs] | 1 where the episode ended in this step |
| \`autoresetSteps\` | [numEnvs] | 1 where this step only reset the sub-environment (\`next-step\` autoreset) |
| \`episodeReturns\`, \`episodeLengths\` | [numEnvs] | of the last episode that ended |
| \`actionMasks\` | [numEnvs, actions] | 1 where an action is allowed next; undefined if the environment has no masks |

**Wrappers** change what goes in or comes out: \`FlattenObservation\`, \`FrameStackObservation\`, \`NormalizeObservation\`; \`ClipAction\`,
\`RescaleAction\`, \`DiscretizeAction\`; \`TransformReward\`, \`NormalizeReward\`; \`TimeLimit\`, \`RecordEpisodeStatistics\`.
One of your own extends \`ObservationWrapper\`, \`ActionWrapper\` or \`StepWrapper\`.

**Spaces** describe observations and actions. A network reads vectors: \`FlattenObservation\` makes one of any observation, as
Gymnasium's does, while a vector environment alone stores a choice as one number.

\`\`\`ts
import { Box, Dict, Discrete, FlattenObservation, makeVec, MultiBinary } from 'alambic/rl'

const space = new Dict({ velocity: new Box([-1], [1]), gear: new Discrete(3), lamps: new MultiBinary(2) })
console.log(String(space)) // → Dict(gear: Discrete(0 … 2), lamps: MultiBinary(2), velocity: Box([-1] … [1]))
console.log(space.contains({ gear: 2, lamps: Int8Array.of(0, 1), velocity: Float32Array.of(0.5) })) // → true
const lakes = makeVec('FrozenLake-v1', 4, { wrap: (env) => new FlattenObservation(env) })
console.log(lakes.observationSize) // → 16
\`\`\`

| space | value | flattened | algorithms that act in it |
| --- | --- | --- | --- |
| \`Box(low, high)\` | \`Float32Array\` within the bounds, row-major | as it is | ${algorithmsFor('box')} |
| \`Discrete(n, start)\` | a whole number | one-hot: n numbers | ${algorithmsFor('discrete')} |
| \`MultiDiscrete([n, …])\` | \`Int32Array\`, entry i from 0 to nᵢ - 1 | one-hot each: Σ nᵢ numbers | ${algorithmsFor('multi-discrete')} |
| \`MultiBinary(n)\` | \`Int8Array\` of 0 and 1 | n numbers | ${algorithmsFor('multi-binary')} |
| \`Tuple([space, …])\` | an array of values | the parts, one after the other | none |
| \`Dict({ key: space, … })\` | an object of values | the parts, in the order of their sorted keys | none |

In MultiDiscrete and MultiBinary spaces the entries of an action are chosen independently: the actor of a \`FactoredActorCritic\` has the
concatenated logits of the entries as outputs, and \`MultiCategorical\` is its distribution. Such agents are trained, evaluated, saved
and resumed; distillation and export need \`Discrete\` or \`Box\` actions.

**Mirror symmetries.** An environment may declare in \`mirror\` that a reflection leaves its dynamics unchanged: the mirrored action
in the mirrored state leads to the mirrored successor, with the same reward and the same termination. \`CartPole\`, \`Acrobot\`,
\`Pendulum\` and \`PendulumDiscrete-v1\` do:

\`\`\`ts
import { make } from 'alambic/rl'

const { mirror } = make('CartPole-v1')
console.log(mirror) // → { observationSigns: [ -1, -1, -1, -1 ], actionPermutation: [ 1, 0 ] }
\`\`\`

| \`mirror\` | holds |
| --- | --- |
| \`observationSigns\` | 1 or -1 for each number of an observation |
| \`actionPermutation\` | the mirror image of each discrete action |
| \`actionSigns\` | 1 or -1 for each number of a continuous action |
| \`stateSigns\` | 1 or -1 for each number of \`state\`, if they differ from \`observationSigns\` |

\`checkEnv\` steps the states of a random rollout and their mirror images, and compares the two. It reports a symmetry that it cannot
verify: one of an environment whose steps draw random numbers, or without a sign for each number of \`state\`. Wrappers keep the
symmetry where they keep observations and actions; so does \`ClipAction\`, and \`RescaleAction\` and \`DiscretizeAction\` where their actions are
symmetric. Wrappers of observations and \`PotentialShaping\` have none.

**Your own environment** extends \`EpisodicEnv\`; every command takes its file by \`--import\`: see [your-own.md](your-own.md#environment).

${registryTable()}
`
}

/** Names of the command: `alambic train NAME`. */
function algorithmsFor(kind: ActionKind): string {
  const able = algorithms.filter(({ actions }) => actions.includes(kind))
  return able.map(({ name }) => `\`${name}\``).join(', ')
}

function registryTable(): string {
  const rows = builtInEnvs.map(({ id }) => {
    const { maxEpisodeSteps = 'none', rewardThreshold = '' } = spec(id)
    const name = kebabCase(make(id).unwrapped.constructor.name)
    return `| [\`${id}\`](#${name.replaceAll('-', '')}) | ${maxEpisodeSteps} | ${rewardThreshold} |`
  })
  return ['| id | time limit | solved at a mean return of |', '| --- | --- | --- |', ...rows].join('\n')
}

function chapterOf(name: string, members: readonly string[], picture: string): string {
  const path = `src/rl/envs/tasks/${name}.ts`
  const [title, ...rest] = openingComment(path).split('\n')
  const heading = title!.slice(0, title!.indexOf(':'))
  const about = title!.slice(title!.indexOf(':') + 2)
  const sentence = about.charAt(0).toUpperCase() + about.slice(1)
  const body = rest.join('\n').replaceAll(/^## /gm, '### ')
  const made = members.map((id) => `\`${id}\``).join(', ')
  return `## ${heading}

${sentence}

![${heading}](${picture})

Ids: ${made}. Source: [${path}](../${path})
${body}
`
}

/** The text of the comment that a file opens with. */
function openingComment(path: string): string {
  const text = readFileSync(`${root}/${path}`, 'utf8')
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(text)?.[1]
  if (comment === undefined) throw new Error(`${path} does not open with a comment that documents the environment`)
  const lines = comment.split('\n').map((line) => line.replace(/^ \*( |$)/, ''))
  return lines.join('\n').trim()
}

/** A state during play, which shows more than the initial state. */
function pictureOf(id: string): string {
  const env = make<unknown, unknown>(id)
  const policy = new Rng(4)
  env.reset({ seed: 3 })
  for (let i = 0; i < 8; i++) {
    const state = env.state
    const { terminated } = env.step(env.actionSpace.sample(policy))
    if (!terminated) continue
    env.state = state
    break
  }
  const scene = drawEnv(env)
  return toSvg(scene, { width: Math.min(420, scene.width) })
}

function kebabCase(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of environmentDocs()) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true })
    writeFileSync(`${root}/${path}`, text)
    console.log(path)
  }
}
