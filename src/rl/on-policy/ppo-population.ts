// PPO of a population: the same algorithm with many seeds at once, in one vector environment and one stacked network. Where a single run
// spends its time on calls (small networks, few sub-environments), a population costs little more. Read next: ppo.ts, ../../nn/layers/stacked-mlp.ts.

import { type GivenOptions, type OptionValues, readOptions } from '../../data/options.ts'
import type { Sequential } from '../../nn/layers/sequential.ts'
import { clipGradNormEach, StackedMlp } from '../../nn/layers/stacked-mlp.ts'
import { collectParameters } from '../../nn/module.ts'
import { Adam, type AdamSettings } from '../../nn/optimizers/adam.ts'
import type { Slot } from '../../nn/optimizers/parameter-group.ts'
import { inferenceMode, scope } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { DivergenceError, requireKnown, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { CpuStorage, Storage, TypedArray } from '../../tensor/storage.ts'
import { requireSameStep, type VectorEnv } from '../envs/vector/vector-env.ts'
import type { CategoricalActorCritic } from '../policies/actor-critic.ts'
import { Categorical } from '../policies/distributions/categorical.ts'
import { annealed } from '../training/figures.ts'
import { requireChoices } from '../training/requirements.ts'
import type { FinishedEpisode } from '../training/training.ts'
import { computeGae, isCutOff, tensorsOf, valuesOf } from './collect-rollout.ts'
import { makeActorCritic } from './make-actor-critic.ts'
import { normalize } from './normalize.ts'
import { ppoLoss, ppoOptions } from './ppo.ts'
import { LearnedColumns, learned, type Minibatch, RolloutBuffer } from './rollout.ts'

type Table = Omit<typeof ppoOptions, 'seed' | 'targetKl'>

/** Options that may differ between members. */
const OWN = ['learningRate', 'gamma', 'gaeLambda', 'entropyCoef', 'valueCoef', 'maxGradNorm'] as const

export interface PpoPopulationOptions extends GivenOptions<Table> {
  /** One for each member. */
  readonly seeds: readonly number[]
  /** Options of each member that replace those of all, in the order of `seeds`. Coefficients that differ are rounded to float32. */
  readonly members?: readonly Pick<GivenOptions<Table>, (typeof OWN)[number]>[]
}

export interface PpoPopulationReport {
  /** Environment steps of each member so far. */
  readonly step: number
  /** Episodes of each member that ended since the last report; their `step` counts the member's own. */
  readonly episodes: readonly (readonly FinishedEpisode[])[]
  /** One for each seed. Training continues to change them. */
  readonly agents: readonly CategoricalActorCritic[]
}

/**
 * Trains one agent for each seed. Member i has the parameters, bit for bit, that `ppo` has with that seed and its options in its share of
 * the sub-environments. Yields after each rollout's updates, returns the agents. Discrete actions without masks.
 *
 * @param envs the sub-environments of all members: `makeVec('CartPole-v1', 4 * seeds.length)` gives each four
 *
 * Throws a ValueError on sub-environments or `members` that do not fit the number of seeds and on other action spaces, a DivergenceError
 * that names the seed where a loss or gradient is not finite.
 */
export function* ppoPopulation(
  envs: VectorEnv,
  { seeds, members: varied = seeds.map(() => ({})), ...given }: PpoPopulationOptions,
): Generator<PpoPopulationReport, readonly CategoricalActorCritic[], void> {
  const name = 'ppoPopulation'
  const { seed: _, targetKl: __, ...table } = ppoOptions // a pass ends early for one member, not for all
  const o = readOptions(name, table, given)
  const own = varied.map((each) => {
    requireKnown(`${name}: a member`, each, OWN)
    return readOptions(name, table, { ...given, ...each })
  })
  const members = seeds.length
  if (own.length !== members)
    throw new ValueError(`${name}: ${own.length} members for ${members} seeds; expected one each`)
  const numEnvs = envs.numEnvs / members
  if (!Number.isInteger(numEnvs)) {
    throw new ValueError(`${name}: ${envs.numEnvs} sub-environments for ${members} seeds; expected a multiple of them`)
  }
  requireSameStep(name, envs)
  requireChoices(name, envs)
  const rngs = seeds.map((seed) => new Rng(seed))
  const agents = rngs.map((rng) => makeActorCritic(name, envs, o.hidden, rng) as CategoricalActorCritic)
  const population = new Population(agents)
  const optimizer = new MemberAdam(population, { epsilon: o.adamEpsilon })
  population.actor.share()
  population.critic.share()
  envs.reset({ seed: seeds.flatMap((seed) => Array.from({ length: numEnvs }, (_, j) => seed + j)) })
  if (envs.actionMasks !== undefined) throw new ValueError(`${name}: ${envs.id} masks actions; train it with ppo`)
  const { numSteps } = o
  const { observationSize } = envs
  const rollouts = seeds.map(() => new RolloutBuffer({ numSteps, numEnvs, observationSize }))
  const { size } = rollouts[0]!
  for (let step = 0; step < o.totalTimesteps; ) {
    const episodes = play(envs, population, rollouts, rngs, step)
    optimizer.rates = own.map((each) => annealed(each, step))
    for (const [i, rollout] of rollouts.entries()) computeGae(rollout, own[i]!.gamma, own[i]!.gaeLambda)
    for (let epoch = 0; epoch < o.numEpochs; epoch++) {
      const passes = rollouts.map((rollout, i) => rollout.minibatches(Math.ceil(size / o.numMinibatches), rngs[i]!))
      for (;;) {
        const batches = passes.flatMap((pass) => pass.next().value ?? [])
        if (batches.length === 0) break
        if (o.normalizeAdvantages) for (const { advantages } of batches) normalize(advantages)
        update(population, optimizer, batches, seeds, own)
      }
    }
    step += size
    yield { step, episodes, agents }
  }
  return agents
}

/** Actors and critics of all members, stacked. Rows of a batch are [members · batch, …]. */
class Population {
  readonly members: number
  readonly actor: StackedMlp
  readonly critic: StackedMlp
  private columns: LearnedColumns | undefined

  constructor(readonly agents: readonly CategoricalActorCritic[]) {
    this.members = agents.length
    this.actor = new StackedMlp(agents.map(({ actor }) => actor as Sequential))
    this.critic = new StackedMlp(agents.map(({ critic }) => critic as Sequential))
  }

  parameters() {
    return collectParameters({ actor: this.actor, critic: this.critic })
  }

  distribution(observations: Tensor): Categorical {
    return new Categorical(this.actor.forward(observations))
  }

  stateValues(observations: Tensor): Tensor {
    return reshape(this.critic.forward(observations), [-1])
  }

  /** The columns of all members, one after another. The next call overwrites them. */
  joined(parts: readonly LearnedColumns[]): LearnedColumns {
    const { size, observationSize } = parts[0]!
    const rows = parts.length * size
    if (this.columns?.size !== rows) this.columns = new LearnedColumns(rows, observationSize)
    for (const name of learned) {
      for (const [i, part] of parts.entries()) this.columns[name].set(part[name], i * part[name].length)
    }
    return this.columns
  }
}

type AdamSlot = Slot<'first' | 'second' | 'maxSecond'>

/** Adam with a learning rate for each member of parameters [members, …]. */
class MemberAdam extends Adam {
  rates: readonly number[] = []

  protected override update(slot: AdamSlot, settings: AdamSettings): void {
    if (new Set(this.rates).size === 1) super.update(slot, settings, this.rates[0]!)
    else for (const [part, rate] of this.parts(slot)) super.update(part, settings, rate)
  }

  /** The slices of each member, with its learning rate. A slot is the block of all parameters, since all have gradients in it. */
  private *parts(slot: AdamSlot): Generator<[AdamSlot, number]> {
    const { first, second, maxSecond } = slot.buffers
    const whole = slot.parameter as CpuStorage
    for (const { storage, size } of this.parameters) {
      const length = size / this.rates.length
      for (const [i, rate] of this.rates.entries()) {
        const start = ((storage as CpuStorage).offset - whole.offset) / 4 + i * length
        const part = <Given extends Storage | null>(x: Given) => x && (x as CpuStorage).slice(start, length)
        const buffers = { first: part(first), second: part(second), maxSecond: part(maxSecond) }
        yield [{ ...slot, parameter: part(whole), gradient: part(slot.gradient), buffers }, rate]
      }
    }
  }
}

/** One step of Adam on a minibatch of each member. */
function update(
  population: Population,
  optimizer: Adam,
  batches: readonly Minibatch[],
  seeds: readonly number[],
  own: readonly OptionValues<Table>[],
): void {
  const requireFinite = (what: string, values: ArrayLike<number>) => {
    const at = Array.from(values).findIndex((each) => !Number.isFinite(each))
    if (at >= 0) {
      throw new DivergenceError(`ppoPopulation: the ${what} of seed ${seeds[at]} is ${values[at]}; lower learningRate`)
    }
  }
  scope(() => {
    optimizer.zeroGrad()
    const { observations, masks, actions, ...old } = tensorsOf(population.joined(batches))
    const policy = population.distribution(observations)
    const logProbs = policy.logProb(actions)
    const values = population.stateValues(observations)
    const columns = { ...old, logProbs, values, entropies: policy.entropy() }
    const byMember = Object.entries(columns).map(([name, x]) => [name, reshape(x, [own.length, -1])])
    const column = (coef: 'entropyCoef' | 'valueCoef') => {
      const values = own.map((each) => each[coef])
      return new Set(values).size === 1 ? values[0]! : tensor(values)
    }
    const coefs = { ...own[0]!, entropyCoef: column('entropyCoef'), valueCoef: column('valueCoef') }
    const { loss } = ppoLoss(Object.fromEntries(byMember) as typeof columns, coefs)
    requireFinite('loss', loss.view())
    sum(loss).backward()
    requireFinite(
      'gradient norm',
      clipGradNormEach(
        optimizer.parameters,
        own.map((each) => each.maxGradNorm),
      ),
    )
    optimizer.step()
    optimizer.zeroGrad()
  })
}

/** Fills the rollout of each member as `collectRollouts` does. Returns the episodes that ended, by member. */
function play(
  envs: VectorEnv,
  population: Population,
  rollouts: readonly RolloutBuffer[],
  rngs: readonly Rng[],
  stepBefore: number,
): FinishedEpisode[][] {
  const { numSteps, numEnvs, observationSize } = rollouts[0]!
  const episodes: FinishedEpisode[][] = rollouts.map(() => [])
  const cutOff = rollouts.map((): { rows: number[]; observations: number[] } => ({ rows: [], observations: [] }))
  const current = () => tensor(envs.observations, [envs.numEnvs, observationSize])
  for (let t = 0; t < numSteps; t++) {
    const first = t * numEnvs
    const width = numEnvs * observationSize
    for (const [i, { observations }] of rollouts.entries()) {
      for (let k = 0; k < width; k++) observations[t * width + k] = envs.observations[i * width + k]!
    }
    let drawn = 0 // a member's rows are drawn by its own generator
    const uniform = () => rngs[Math.floor(drawn++ / numEnvs)]!.uniform()
    const actions = inferenceMode(() => population.distribution(current()).sample({ uniform })).view()
    envs.step(actions)
    rollouts.forEach((rollout, i) => {
      for (let j = 0; j < numEnvs; j++) {
        const [row, at] = [first + j, i * numEnvs + j]
        rollout.actions[row] = actions[at]!
        rollout.rewards[row] = envs.rewards[at]!
        rollout.terminated[row] = envs.terminated[at]!
        rollout.truncated[row] = envs.truncated[at]!
        if (envs.dones[at] === 0) continue
        const [total, length] = [envs.episodeReturns[at]!, envs.episodeLengths[at]!]
        episodes[i]!.push({ return: total, length, step: stepBefore + first + numEnvs })
        if (!isCutOff(envs, at)) continue
        cutOff[i]!.rows.push(row)
        const last = envs.finalObservations.subarray(at * observationSize, (at + 1) * observationSize)
        cutOff[i]!.observations.push(...last)
      }
    })
  }
  inferenceMode(() => {
    const { observations, actions } = tensorsOf(population.joined(rollouts))
    const logProbs = population.distribution(observations).logProb(actions).toArray()
    const values = population.stateValues(observations).toArray()
    const lastValues = population.stateValues(current()).toArray()
    rollouts.forEach((rollout, i) => {
      const part = (all: TypedArray, length: number) => all.subarray(i * length, (i + 1) * length)
      rollout.logProbs.set(part(logProbs, rollout.size))
      rollout.values.set(part(values, rollout.size))
      rollout.lastValues.set(part(lastValues, numEnvs))
      const { rows, observations } = cutOff[i]!
      if (rows.length === 0) return
      const finals = valuesOf(population.agents[i]!, observations)
      rows.forEach((row, k) => {
        rollout.finalValues[row] = finals[k]!
      })
    })
  })
  return episodes
}
