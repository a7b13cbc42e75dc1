// A sound environment and ways to break it, one each, for the test of checkEnv.

import { Box, Discrete, type Space } from '../../src/data/spaces.ts'
import {
  type AnyEnv,
  type Env,
  type Info,
  invalidAction,
  NO_INFO,
  type Reset,
  type ResetOptions,
  type Step,
  stepOutsideEpisode,
} from '../../src/rl/envs/env.ts'
import { StateError, ValueError } from '../../src/tensor/errors.ts'
import { Rng } from '../../src/tensor/random.ts'

/** A walk with gusts of wind on [-1, 1] that ends at either border. Sound as it is. */
export class Walk implements Env<Float32Array, number> {
  readonly id: string = 'Walk-v0'
  readonly observationSpace: Space<Float32Array> = new Box([-1], [1])
  readonly actionSpace: Space<number> = new Discrete(2)
  rng = new Rng()
  position = 0
  phase: 'new' | 'running' | 'ended' = 'new'

  get unwrapped(): AnyEnv {
    return this
  }

  get state(): readonly number[] {
    return [this.position]
  }

  set state([position]: readonly number[]) {
    this.position = position!
    this.phase = 'running'
  }

  reset({ seed }: ResetOptions = {}): Reset<Float32Array> {
    if (seed !== undefined) this.rng = new Rng(seed)
    this.position = this.rng.uniform(-0.5, 0.5)
    this.phase = 'running'
    return { observation: this.observe(), info: NO_INFO }
  }

  step(action: number): Step<Float32Array> {
    if (this.phase !== 'running') throw stepOutsideEpisode(this.id, this.phase === 'ended')
    if (!this.actionSpace.contains(action)) throw invalidAction(this.id, action, this.actionSpace)
    this.position += (action === 1 ? 0.1 : -0.1) + this.rng.uniform(-0.1, 0.1)
    const terminated = Math.abs(this.position) >= 1
    if (terminated) this.phase = 'ended'
    return { observation: this.observe(), reward: 1, terminated, truncated: false, info: NO_INFO }
  }

  observe(): Float32Array {
    return Float32Array.of(Math.max(-1, Math.min(1, this.position)))
  }
}

/** Changes what a step gives. */
function steps(change: (step: Step<Float32Array>) => object): AnyEnv {
  return new (class extends Walk {
    override step(action: number): Step<Float32Array> {
      return change(super.step(action)) as Step<Float32Array>
    }
  })()
}

/** Changes what the agent sees. */
function observes(change: (position: number, before: Float32Array) => unknown): AnyEnv {
  return new (class extends Walk {
    override observe(): Float32Array {
      return change(this.position, super.observe()) as Float32Array
    }
  })()
}

const masked = (actionMask: ArrayLike<number>) => steps((step) => ({ ...step, info: { actionMask } as Info }))

let calls = 0

/** Each broken in one way: the rule that it breaks, the words that say so, and how to make it. */
export const brokenEnvs: readonly [rule: string, words: RegExp, make: () => AnyEnv][] = [
  ['observation', /outside its space: number 0 is 5, allowed is -1 … 1/, () => observes(() => Float32Array.of(5))],
  ['observation', /wrong type: Float64Array.*where a Float32Array belongs/, () => observes((x) => Float64Array.of(x))],
  ['observation', /has 2 numbers where its space has 1/, () => observes(() => new Float32Array(2))],
  ['observation', /not a number \(NaN\) at index 0/, () => observes(() => Float32Array.of(Number.NaN))],
  ['observation of reset', /observation of reset\(\) has the wrong type: 3/, () => observes(() => 3)],
  ['reward', /reward of step 1 is NaN/, () => steps((step) => ({ ...step, reward: Number.NaN }))],
  ['reward', /reward of step 1 is "1"; expected a number/, () => steps((step) => ({ ...step, reward: '1' }))],
  [
    'terminated',
    /terminated of step 1 is 0; expected true or false/,
    () => steps((step) => ({ ...step, terminated: Number(step.terminated) })),
  ],
  ['truncated', /truncated of step 1 is undefined/, () => steps(({ truncated: _, ...step }) => step)],
  ['info', /info of step 1 is undefined; expected an object/, () => steps(({ info: _, ...step }) => step)],
  [
    'step result',
    /step 1 gave Array .*; expected \{ observation, reward/,
    () => steps(({ observation, reward }) => [observation, reward, false, {}]),
  ],
  ['action mask', /expected 2 entries, one an action/, () => masked([1, 1, 1])],
  ['action mask', /expected only 0 and 1/, () => masked([0.5, 0.5])],
  ['action mask', /allows no action at all/, () => masked([0, 0])],
  [
    'info',
    /info of reset\(\) is null/,
    () =>
      new (class extends Walk {
        override reset(options?: ResetOptions) {
          return { ...super.reset(options), info: null as unknown as Info }
        }
      })(),
  ],
  [
    'reset result',
    /reset\(\) gave Float32Array .*; expected \{ observation, info \}/,
    () =>
      new (class extends Walk {
        override reset(options?: ResetOptions) {
          return super.reset(options).observation as unknown as Reset<Float32Array>
        }
      })(),
  ],
  [
    'step before reset',
    /a step before the first reset\(\) is allowed; expected a StateError/,
    () =>
      new (class extends Walk {
        override phase: 'new' | 'running' | 'ended' = 'running'
      })(),
  ],
  [
    'step before reset',
    /a step before the first reset\(\) threw TypeError: no position; expected a StateError/,
    () =>
      new (class extends Walk {
        override step(action: number) {
          if (this.phase === 'new') throw new TypeError('no position')
          return super.step(action)
        }
      })(),
  ],
  [
    'step after the end',
    /a step after the end of the episode is allowed/,
    () =>
      new (class extends Walk {
        override step(action: number) {
          if (this.phase === 'ended') this.phase = 'running'
          return super.step(action)
        }
      })(),
  ],
  [
    'step after the end',
    /after the end of the episode threw ValueError: over; expected a StateError/,
    () =>
      new (class extends Walk {
        override step(action: number) {
          if (this.phase === 'ended') throw new ValueError('over')
          return super.step(action)
        }
      })(),
  ],
  [
    'same seed',
    /two rollouts with seed 0 and the same actions differ, first at step 1/,
    () =>
      new (class extends Walk {
        override step(action: number) {
          calls++ // stands for any source of chance that the seed does not reach
          return { ...super.step(action), reward: calls }
        }
      })(),
  ],
  [
    'seed ignored',
    /ignores the seed: rng is the same after seeds 0 and 1/,
    () =>
      new (class extends Walk {
        override reset() {
          return super.reset({ seed: 7 })
        }
      })(),
  ],
  [
    'same seed',
    /differ, first at the first observation/,
    () =>
      new (class extends Walk {
        override reset() {
          return super.reset()
        }
      })(),
  ],
  [
    'reset restarts',
    /reset\(\) without a seed restarts the random numbers/,
    () =>
      new (class extends Walk {
        last = 0
        override reset({ seed = this.last }: ResetOptions = {}) {
          this.last = seed
          return super.reset({ seed })
        }
      })(),
  ],
  [
    'observation reused',
    /a later step wrote into the same array/,
    () =>
      new (class extends Walk {
        readonly buffer = new Float32Array(1)
        override observe() {
          this.buffer.set(super.observe())
          return this.buffer
        }
      })(),
  ],
  [
    'observation shared',
    /writing into an observation changes what follows/,
    () =>
      new (class extends Walk {
        seen: Float32Array = new Float32Array(1)
        override observe() {
          this.seen = super.observe()
          return this.seen
        }
        override step(action: number) {
          if (this.phase === 'running') this.position = this.seen[0]!
          return super.step(action)
        }
      })(),
  ],
  [
    'action changed',
    /step 1 wrote into the action/,
    () =>
      new (class extends Walk {
        override readonly actionSpace = new Box([-1], [1]) as unknown as Space<number>
        override step(action: number) {
          const vector = action as unknown as Float32Array
          if (!this.actionSpace.contains(action)) throw invalidAction(this.id, action, this.actionSpace)
          vector[0] = 0.5
          this.position = Math.min(0.9, this.position)
          return { ...NO_STEP, observation: this.observe() }
        }
      })(),
  ],
  [
    'foreign action',
    /action -1, outside Discrete\(0 … 1\), is allowed; expected a ValueError/,
    () =>
      new (class extends Walk {
        override step(action: number) {
          return super.step(action === 1 ? 1 : 0)
        }
      })(),
  ],
  [
    'foreign action moves',
    /action -1 is refused, but the state has changed/,
    () =>
      new (class extends Walk {
        override step(action: number) {
          if (this.phase === 'running' && !this.actionSpace.contains(action)) this.position += 0.1
          return super.step(action)
        }
      })(),
  ],
  [
    'action refused',
    /action 2 is in Discrete\(0 … 2\), but step\(\) threw StateError: two is too many/,
    () =>
      new (class extends Walk {
        override readonly actionSpace: Space<number> = Object.assign(new Discrete(3), { sample: () => 0 })
        override step(action: number) {
          if (action === 2 && this.phase === 'running') throw new StateError('two is too many')
          return super.step(action)
        }
      })(),
  ],
  [
    'state not set',
    /state reads Array \[.*\] after it was set to/,
    () =>
      new (class extends Walk {
        override get state() {
          return [this.position]
        }
        override set state(_: readonly number[]) {}
      })(),
  ],
  [
    'state',
    /state is Array \[NaN\]; expected an array of finite numbers/,
    () =>
      new (class extends Walk {
        override get state() {
          return [Number.NaN]
        }
      })(),
  ],
  [
    'state is live',
    /changes with it: give a copy/,
    () =>
      new (class extends Walk {
        readonly cell = [0]
        override get state() {
          this.cell[0] = this.position
          return this.cell
        }
        override set state([position]: readonly number[]) {
          super.state = [position!]
        }
        override step(action: number) {
          const step = super.step(action)
          this.cell[0] = this.position
          return step
        }
      })(),
  ],
  [
    'state incomplete',
    /something is not part of state/,
    () =>
      new (class extends Walk {
        speed = 0
        override reset(options?: ResetOptions) {
          this.speed = 0
          return super.reset(options)
        }
        override step(action: number) {
          this.speed += 0.01
          return { ...super.step(action), reward: this.speed }
        }
      })(),
  ],
  [
    'sample',
    /a sample of actionSpace is outside its space: 9/,
    () =>
      new (class extends Walk {
        override readonly actionSpace: Space<number> = Object.assign(new Discrete(2), { sample: () => 9 })
      })(),
  ],
  [
    'observationSpace',
    /observationSpace is undefined; expected a space/,
    () => Object.assign(new Walk(), { observationSpace: undefined }),
  ],
  ['rng', /rng is undefined; expected the environment's own Rng/, () => Object.assign(new Walk(), { rng: undefined })],
  ['id', /the id is ""; expected a name/, () => Object.assign(new Walk(), { id: '' })],
  [
    'unwrapped',
    /expected env.unwrapped.unwrapped === env.unwrapped/,
    () =>
      new (class extends Walk {
        override get unwrapped() {
          return undefined as unknown as AnyEnv
        }
      })(),
  ],
  [
    'throws',
    /threw while it was checked \(values\): TypeError: lost/,
    () =>
      observes(() => {
        throw new TypeError('lost')
      }),
  ],
]

const NO_STEP = { reward: 0, terminated: false, truncated: false, info: NO_INFO }
