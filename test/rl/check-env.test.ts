import { describe, expect, it } from 'vitest'
import { checkEnv } from '../../src/rl/check-env.ts'
import { copyValue, sameValue } from '../../src/rl/checks/values.ts'
import { NO_INFO, type ResetOptions } from '../../src/rl/env.ts'
import { make, registeredIds } from '../../src/rl/registry.ts'
import { Rng } from '../../src/tensor/random.ts'
import { brokenEnvs, Walk } from './broken-envs.ts'

describe('checkEnv', () => {
  it.each(registeredIds())('finds nothing wrong with %s', (id) => {
    expect(checkEnv(make(id))).toEqual([])
  })

  it('finds nothing wrong with a sound environment, used or new', () => {
    const env = new Walk()
    expect(checkEnv(env)).toEqual([])
    expect(checkEnv(env, { fresh: false, seed: 4, steps: 10 })).toEqual([])
    expect(checkEnv(env).map(({ rule }) => rule)).toEqual(['step before reset'])
  })

  it('asks no environment to draw random numbers', () => {
    class Still extends Walk {
      override reset({ seed }: ResetOptions = {}) {
        if (seed !== undefined) this.rng = new Rng(seed)
        this.state = [0]
        return { observation: this.observe(), info: NO_INFO }
      }
      override step(action: number) {
        const { rng } = this
        this.rng = new Rng() // a gust that is always the same, and leaves the generator as it was
        const step = super.step(action)
        this.rng = rng
        return step
      }
    }
    expect(checkEnv(new Still())).toEqual([])
  })

  it.each(brokenEnvs)('catches “%s”: %s', (rule, words, makeBroken) => {
    const violation = checkEnv(makeBroken()).find((each) => each.rule === rule)
    expect(violation?.message).toMatch(words)
    expect(violation?.message).toMatch(/^(Walk-v0)?: /)
  })

  it('reports a breach once, however often it shows', () => {
    const rules = brokenEnvs.map(([, , makeBroken]) => checkEnv(makeBroken()).map(({ rule }) => rule))
    for (const found of rules) expect(new Set(found).size).toBe(found.length)
  })
})

describe('values', () => {
  it('are the same to the last bit and of one kind', () => {
    expect(sameValue([1, [Float32Array.of(2), 'a']], [1, [Float32Array.of(2), 'a']])).toBe(true)
    expect(sameValue(Number.NaN, Number.NaN)).toBe(true)
    for (const [a, b] of [
      [[1], Float32Array.of(1)],
      [[1], [1, 2]],
      [0, -0],
      [[1], 1],
      [Float32Array.of(1), Float64Array.of(1)],
    ]) {
      expect(sameValue(a, b)).toBe(false)
    }
  })

  it('are copied through and through', () => {
    const inner = Float32Array.of(1)
    const copy = copyValue([inner, 2])
    inner[0] = 5
    expect(copy).toEqual([Float32Array.of(1), 2])
  })
})
