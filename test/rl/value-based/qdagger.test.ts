// A student of action values that learns from a teacher and from its own play.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../../src/data/checkpoint-file.ts'
import { MLP, namedParameters } from '../../../src/nn/index.ts'
import { Categorical, evaluatePolicy, finish, make, makeVec } from '../../../src/rl/index.ts'
import { CategoricalPolicy, QPolicy } from '../../../src/rl/policies/discrete-policies.ts'
import { crossEntropyWith, type QDaggerOptions, qdagger } from '../../../src/rl/value-based/qdagger.ts'
import { gradcheck, Rng, tensor } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import type { ReportOf } from '../../support/report-of.ts'
import { constantNetwork, Paying } from '../algorithms/hand-worked.ts'
import { balancing } from '../balancing.ts'

const bits = (agent: Parameters<typeof namedParameters>[0]) =>
  Object.values(namedParameters(agent)).flatMap((each) => [...each.toArray()])

describe('QDagger', () => {
  const returnRange = { random: 20, teacher: 500 }
  const quick = {
    ...{ returnRange, teacherSteps: 300, offlineUpdates: 60, totalTimesteps: 700, hidden: [8], batchSize: 16 },
    ...{ trainInterval: 8, targetUpdateInterval: 50 },
  }

  it('has the gradient of the cross-entropy of softmax(Q / τ) that central differences give', () => {
    const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 })
    forAll([numbers, numbers, fc.double({ min: 0.3, max: 3, noNaN: true })], { numRuns: 30 }, (t, q, tau) => {
      const teacher = new Categorical(tensor(t, [2, 3], { dtype: 'float64' })).logProbs
      gradcheck((values) => crossEntropyWith(teacher, values, tau), tensor(q, [2, 3], { dtype: 'float64' }), [1])
    })
  })

  it('has the cross-entropy -Σ p ln softmax(Q / τ), mean over the states', () => {
    // p = (¾, ¼); τ = 2: Q = (0, 2 ln 2) gives (⅓, ⅔), so -¾ ln ⅓ - ¼ ln ⅔ = 0.925325; Q = (1, 1) gives (½, ½): ln 2
    const teacher = tensor([0.75, 0.25, 0.75, 0.25].map(Math.log), [2, 2])
    const values = tensor([0, 2 * Math.LN2, 1, 1], [2, 2])
    expect(crossEntropyWith(teacher, values, 2).item()).toBeCloseTo((0.925325 + Math.LN2) / 2, 5)
  })

  describe('an update by hand', () => {
    // A very high τ makes softmax(Q_S / τ) uniform, so that the cross-entropy is ln 2 with any teacher: L = L_TD + λ ln 2. The same
    // seed draws the same transitions, and the tiny step leaves the student as it is.
    const uniform = { temperature: 1e9, learningRate: 1e-12, teacherSteps: 40, offlineUpdates: 1 }
    const reports = (options: object, teacher = balancing()) =>
      qdagger(makeVec('CartPole-v1', 1), teacher, { ...quick, ...uniform, ...options }) as Generator<
        ReportOf<typeof qdagger>
      >
    const offline = (options: object, teacher?: CategoricalPolicy) => reports(options, teacher).next().value.loss

    it('offline adds `weight` times the cross-entropy', () => {
      const alone = offline({ weight: 0 })
      expect(offline({ weight: 1 }) - alone).toBeCloseTo(Math.LN2, 5)
      expect(offline({ weight: 0.25 }) - alone).toBeCloseTo(0.25 * Math.LN2, 5)
    })

    it('softens the teacher by teacherTemperature', () => {
      // H(p, q) is linear in p. Logits ln 3 and 0 give ¾ at temperature 1, 0.9 at ½, and ½ at a very high one.
      const teacher = new CategoricalPolicy(constantNetwork(Math.log(3), 0), 4, 2)
      const at = (teacherTemperature: number) => offline({ temperature: 1, teacherTemperature }, teacher)
      expect((at(0.5) - at(1e9)) / (at(1) - at(1e9))).toBeCloseTo((0.9 - 0.5) / (0.75 - 0.5), 2)
    })

    it('online adds λ times the cross-entropy, λ = weight (1 - (G - G_random) / (G_teacher - G_random))', () => {
      const online = (weight: number) => {
        const own = reports({
          weight,
          returnRange: { random: 0, teacher: 100 },
          totalTimesteps: 140,
          returnEpisodes: 100,
        })
        return [...own].filter(({ phase }) => phase === 'online')
      }
      const [guided, alone] = [online(2), online(0)]
      const returns: number[] = []
      for (const [i, { guidance, loss, episodes }] of guided.entries()) {
        returns.push(...episodes.map((episode) => episode.return))
        const mean = returns.length === 0 ? 0 : returns.reduce((a, b) => a + b) / returns.length
        expect(guidance).toBeCloseTo(2 * (1 - mean / 100), 10)
        expect(loss - alone[i]!.loss).toBeCloseTo(guidance * Math.LN2, 4)
      }
      expect(guided.at(-1)!.guidance).toBeLessThan(2)
    })
  })

  describe('its play and its updates', () => {
    // Networks of the same values everywhere: the teacher and the student prefer action 0.
    const first = new CategoricalPolicy(constantNetwork(1, 0), 1, 2)
    const once = { ...quick, network: () => constantNetwork(1, 0), learningRate: 1e-12, nStep: 1 }
    const actionsOf = (options: object) => {
      const env = new Paying([1])
      finish(qdagger(env, first, { ...once, offlineUpdates: 0, ...options }))
      return env.actions
    }

    it("plays the teacher's actions, but for teacherEpsilon", () => {
      const offline = { teacherSteps: 50, totalTimesteps: 50 }
      expect(new Set(actionsOf({ ...offline, teacherEpsilon: 0 }))).toEqual(new Set([0]))
      expect(new Set(actionsOf({ ...offline, teacherEpsilon: 1 }))).toEqual(new Set([0, 1]))
    })

    it("explores with an ε that falls from the end of the teacher's steps", () => {
      const epsilon = { explorationFraction: 0.25, explorationFinalEps: 0 } // 0 from step 100 + 40 on
      const actions = actionsOf({ teacherSteps: 100, totalTimesteps: 160, teacherEpsilon: 0, ...epsilon })
      expect(new Set(actions.slice(0, 100))).toEqual(new Set([0]))
      expect(new Set(actions.slice(100, 120))).toEqual(new Set([0, 1]))
      expect(new Set(actions.slice(140))).toEqual(new Set([0]))
    })

    it('learns offline from a target network that is copied every targetUpdateInterval updates', () => {
      // The first step of Adam moves both values from 0 to about 1000. Then the target is r + γ³ 0, or r + γ³ 1000.
      const options = { network: () => constantNetwork(0, 0), learningRate: 1000, weight: 0, offlineUpdates: 2 }
      const lossWith = (targetUpdateInterval: number) => {
        const given = { ...quick, ...options, teacherEpsilon: 0.5, targetUpdateInterval }
        return qdagger(makeVec('CartPole-v1', 1), balancing(), given).next().value as ReportOf<typeof qdagger>
      }
      expect(lossWith(2).loss).toBeGreaterThan(900)
      expect(lossWith(1).loss).toBeLessThan(400)
    })

    it('learns nothing offline from fewer steps than a transition takes', () => {
      const { value } = qdagger(makeVec('CartPole-v1', 1), balancing(), { ...quick, teacherSteps: 1, nStep: 3 }).next()
      expect((value as ReportOf<typeof qdagger>).loss).toBeNaN()
    })

    // Online: the steps of the reports, the updates so far, and how often the target network changed.
    const online = (options: object) => {
      const given = { ...once, offlineUpdates: 0, learningRate: 0.1, teacherSteps: 4, totalTimesteps: 34, ...options }
      const saved = Array.from(qdagger(new Paying([3]), first, given), ({ step, save }) => ({ step, ...save().parts }))
      const parts = saved as unknown as { step: number; target: object; optimizer: { steps: number } }[]
      return {
        steps: parts.map(({ step }) => step),
        updates: parts.map(({ optimizer }) => optimizer.steps),
        copies: new Set(parts.map(({ target }) => JSON.stringify(target))).size - 1,
      }
    }

    it('updates every trainInterval steps once there is a batch, gradientSteps times', () => {
      const run = online({ batchSize: 16, trainInterval: 8, gradientSteps: 2 })
      expect(run.steps).toEqual([4, 24, 32])
      expect(run.updates).toEqual([0, 2, 4])
      expect(online({ batchSize: 16, trainInterval: 1 }).steps.slice(0, 3)).toEqual([4, 20, 21])
    })

    it('copies the student into the target network every targetUpdateInterval steps', () => {
      const updating = { batchSize: 4, trainInterval: 1 }
      expect(online({ ...updating, targetUpdateInterval: 1000 }).copies).toBe(0)
      expect(online({ ...updating, targetUpdateInterval: 10 }).copies).toBe(3) // at 10, 20 and 30
    })
  })

  it('gives the teacher its full weight offline, and one that depends on the returns afterwards', () => {
    const reports = [...qdagger(makeVec('CartPole-v1', 1), balancing(), quick)]
    expect(reports[0]).toMatchObject({ phase: 'offline', step: 300, guidance: 1 })
    expect(reports.slice(1).every(({ phase }) => phase === 'online')).toBe(true)
    expect(reports.at(-1)!.guidance).toBeLessThanOrEqual(1)
  })

  it('balances longer than random play after the offline phase alone', () => {
    const options = { ...quick, teacherSteps: 1000, offlineUpdates: 800, learningRate: 3e-3 }
    const [offline] = qdagger(makeVec('CartPole-v1', 1), balancing(), { ...options, totalTimesteps: 1001 })
    const { mean } = evaluatePolicy(offline!.agent, () => make<Float32Array, unknown>('CartPole-v1'), {
      seed: 7,
      episodes: 20,
    })
    expect(mean).toBeGreaterThan(60) // random play: 22
  })

  it('resumes from any yield bit for bit, the offline phase included', () => {
    const start = (resume?: QDaggerOptions['resume']) =>
      qdagger(makeVec('CartPole-v1', 2), balancing(), { ...quick, resume })
    const straight = bits(finish(start()))
    for (const stop of [1, 5]) {
      const broken = start()
      for (let i = 1; i < stop; i++) broken.next()
      const report = broken.next().value
      if (!('save' in report)) throw new Error('ended too early')
      const saved = readCheckpoint(writeCheckpoint(report.save()))
      expect(bits(finish(start(saved)))).toEqual(straight)
      expect(start(saved).next().value).toMatchObject({ phase: 'online' })
    }
  })

  it('throws on a teacher no better than random play, or of another task', () => {
    const start = (teacher: QPolicy | CategoricalPolicy, range = returnRange) =>
      qdagger(makeVec('CartPole-v1', 1), teacher, { ...quick, returnRange: range }).next()
    expect(() => start(balancing(), { random: -200, teacher: -200 })).toThrow(
      /the teacher's return is -200, that of random play -200; expected a teacher better than random play/,
    )
    const other = new QPolicy(new MLP([2, 3], new Rng(1)), 2, 3)
    expect(() => start(other)).toThrow(/the teacher observes 2 numbers and chooses among 3 actions/)
  })
})
