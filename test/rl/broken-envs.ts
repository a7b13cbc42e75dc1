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
import { Rng, StateError, ValueError } from '../../src/tensor/index.ts'

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

/** What a sound walk does, for a broken one that does it first. */
type Sound = Pick<Walk, 'reset' | 'step' | 'observe'>

/** A walk with other properties, given the walk itself and what it did before. */
function broken(
  rule: string,
  words: RegExp,
  change: (walk: Walk, sound: Sound) => object,
): readonly [rule: string, words: RegExp, make: () => AnyEnv] {
  const make = () => {
    const [walk, { reset, step, observe }] = [new Walk(), Walk.prototype]
    const sound = { reset: reset.bind(walk), step: step.bind(walk), observe: observe.bind(walk) }
    return Object.defineProperties(walk, Object.getOwnPropertyDescriptors(change(walk, sound)))
  }
  return [rule, words, make]
}

/** Changes what a step gives. */
const steps = (rule: string, words: RegExp, change: (step: Step<Float32Array>) => object) =>
  broken(rule, words, (_, sound) => ({ step: (action: number) => change(sound.step(action)) }))

/** Changes what the agent sees. */
const observes = (rule: string, words: RegExp, change: (position: number) => unknown) =>
  broken(rule, words, (walk) => ({ observe: () => change(walk.position) }))

const masked = (words: RegExp, actionMask: ArrayLike<number>) =>
  steps('action mask', words, (step) => ({ ...step, info: { actionMask } as Info }))

let calls = 0

/** Each broken in one way: the rule that it breaks, the words that say so, and how to make it. */
export const brokenEnvs: readonly (readonly [rule: string, words: RegExp, make: () => AnyEnv])[] = [
  observes('observation', /outside its space: number 0 is 5, allowed is -1 … 1/, () => Float32Array.of(5)),
  observes('observation', /wrong type: Float64Array.*where a Float32Array belongs/, (x) => Float64Array.of(x)),
  observes('observation', /has 2 numbers where its space has 1/, () => new Float32Array(2)),
  observes('observation', /not a number \(NaN\) at index 0/, () => Float32Array.of(Number.NaN)),
  observes('observation of reset', /observation of reset\(\) has the wrong type: 3/, () => 3),
  steps('reward', /reward of step 1 is NaN/, (step) => ({ ...step, reward: Number.NaN })),
  steps('reward', /reward of step 1 is "1"; expected a number/, (step) => ({ ...step, reward: '1' })),
  steps('terminated', /terminated of step 1 is 0; expected true or false/, (step) => {
    return { ...step, terminated: Number(step.terminated) }
  }),
  steps('truncated', /truncated of step 1 is undefined/, ({ truncated: _, ...step }) => step),
  steps('info', /info of step 1 is undefined; expected an object/, ({ info: _, ...step }) => step),
  steps('step result', /step 1 gave Array .*; expected \{ observation, reward/, ({ observation, reward }) => {
    return [observation, reward, false, {}]
  }),
  masked(/expected 2 entries, one an action/, [1, 1, 1]),
  masked(/expected only 0 and 1/, [0.5, 0.5]),
  masked(/allows no action at all/, [0, 0]),
  broken('info', /info of reset\(\) is null/, (_, sound) => ({
    reset: (options?: ResetOptions) => ({ ...sound.reset(options), info: null }),
  })),
  broken('reset result', /reset\(\) gave Float32Array .*; expected \{ observation, info \}/, (_, sound) => ({
    reset: (options?: ResetOptions) => sound.reset(options).observation,
  })),
  broken('step before reset', /a step before the first reset\(\) is allowed; expected a StateError/, () => {
    return { phase: 'running' }
  }),
  broken(
    'step before reset',
    /before the first reset\(\) threw TypeError: no position; expected a StateError/,
    (walk, sound) => ({
      step: (action: number) => {
        if (walk.phase === 'new') throw new TypeError('no position')
        return sound.step(action)
      },
    }),
  ),
  broken('step after the end', /a step after the end of the episode is allowed/, (walk, sound) => ({
    step: (action: number) => {
      if (walk.phase === 'ended') walk.phase = 'running'
      return sound.step(action)
    },
  })),
  broken('step after the end', /end of the episode threw ValueError: over; expected a StateError/, (walk, sound) => ({
    step: (action: number) => {
      if (walk.phase === 'ended') throw new ValueError('over')
      return sound.step(action)
    },
  })),
  broken('same seed', /two rollouts with seed 0 and the same actions differ, first at step 1/, (_, sound) => ({
    // `calls` stands for any source of chance that the seed does not reach.
    step: (action: number) => ({ ...sound.step(action), reward: ++calls }),
  })),
  broken('seed ignored', /ignores the seed: rng is the same after seeds 0 and 1/, (_, sound) => ({
    reset: () => sound.reset({ seed: 7 }),
  })),
  broken('same seed', /differ, first at the first observation/, (_, sound) => ({ reset: () => sound.reset() })),
  broken('reset restarts', /reset\(\) without a seed restarts the random numbers/, (_, sound) => {
    let last = 0
    return {
      reset: ({ seed = last }: ResetOptions = {}) => {
        last = seed
        return sound.reset({ seed })
      },
    }
  }),
  broken('observation reused', /a later step wrote into the same array/, (_, sound) => {
    const buffer = new Float32Array(1)
    return {
      observe: () => {
        buffer.set(sound.observe())
        return buffer
      },
    }
  }),
  broken('observation shared', /writing into an observation changes what follows/, (walk, sound) => {
    let seen = new Float32Array(1)
    return {
      observe: () => {
        seen = sound.observe() as typeof seen
        return seen
      },
      step: (action: number) => {
        if (walk.phase === 'running') walk.position = seen[0]!
        return sound.step(action)
      },
    }
  }),
  broken('action changed', /step 1 wrote into the action/, (walk) => ({
    actionSpace: new Box([-1], [1]),
    step: (action: Float32Array) => {
      if (!walk.actionSpace.contains(action)) throw invalidAction(walk.id, action, walk.actionSpace)
      action[0] = 0.5
      walk.position = Math.min(0.9, walk.position)
      return { reward: 0, terminated: false, truncated: false, info: NO_INFO, observation: walk.observe() }
    },
  })),
  broken('foreign action', /action -1, outside Discrete\(0 … 1\), is allowed; expected a ValueError/, (_, sound) => ({
    step: (action: number) => sound.step(action === 1 ? 1 : 0),
  })),
  broken('foreign action moves', /action -1 is refused, but the state has changed/, (walk, sound) => ({
    step: (action: number) => {
      if (walk.phase === 'running' && !walk.actionSpace.contains(action)) walk.position += 0.1
      return sound.step(action)
    },
  })),
  broken(
    'action refused',
    /action 2 is in Discrete\(0 … 2\), but step\(\) threw StateError: two is too/,
    (walk, sound) => ({
      actionSpace: Object.assign(new Discrete(3), { sample: () => 0 }),
      step: (action: number) => {
        if (action === 2 && walk.phase === 'running') throw new StateError('two is too many')
        return sound.step(action)
      },
    }),
  ),
  broken('state not set', /state reads Array \[.*\] after it was set to/, (walk) => ({
    get state() {
      return [walk.position]
    },
    set state(_) {},
  })),
  broken('state', /state is Array \[NaN\]; expected an array of finite numbers/, () => ({ state: [Number.NaN] })),
  broken('state is live', /changes with it: give a copy/, (walk, sound) => {
    const cell = [0]
    return {
      get state() {
        cell[0] = walk.position
        return cell
      },
      set state([position]) {
        walk.position = position!
        walk.phase = 'running'
      },
      step: (action: number) => {
        const step = sound.step(action)
        cell[0] = walk.position
        return step
      },
    }
  }),
  broken('state incomplete', /something is not part of state/, (_, sound) => {
    let speed = 0
    return {
      reset: (options?: ResetOptions) => {
        speed = 0
        return sound.reset(options)
      },
      step: (action: number) => {
        speed += 0.01
        return { ...sound.step(action), reward: speed }
      },
    }
  }),
  broken('sample', /a sample of actionSpace is outside its space: 9/, () => {
    return { actionSpace: Object.assign(new Discrete(2), { sample: () => 9 }) }
  }),
  broken('observationSpace', /observationSpace is undefined; expected a space/, () => ({
    observationSpace: undefined,
  })),
  broken('rng', /rng is undefined; expected the environment's own Rng/, () => ({ rng: undefined })),
  broken('id', /the id is ""; expected a name/, () => ({ id: '' })),
  broken('unwrapped', /expected env.unwrapped.unwrapped === env.unwrapped/, () => ({ unwrapped: undefined })),
  observes('throws', /threw while it was checked \(values\): TypeError: lost/, () => {
    throw new TypeError('lost')
  }),
]
