import { describe, expect, it } from 'vitest'
import { checkEnv } from '../../src/rl/check-env.ts'
import { ids, make } from '../../src/rl/registry.ts'
import { brokenEnvs, Walk } from './broken-envs.ts'

describe('checkEnv', () => {
  it.each(ids())('finds nothing wrong with %s', (id) => {
    expect(checkEnv(make(id))).toEqual([])
  })

  it('finds nothing wrong with a sound environment, used or new', () => {
    const env = new Walk()
    expect(checkEnv(env)).toEqual([])
    expect(checkEnv(env, { fresh: false, seed: 4, steps: 10 })).toEqual([])
    expect(checkEnv(env).map(({ rule }) => rule)).toEqual(['step before reset'])
  })

  it.each(brokenEnvs)('catches “%s”: %s', (rule, words, makeBroken) => {
    const breach = checkEnv(makeBroken()).find((each) => each.rule === rule)
    expect(breach?.message).toMatch(words)
    expect(breach?.message).toMatch(/^(Walk-v0)?: /)
  })

  it('reports a breach once, however often it shows', () => {
    const rules = brokenEnvs.map(([, , makeBroken]) => checkEnv(makeBroken()).map(({ rule }) => rule))
    for (const found of rules) expect(new Set(found).size).toBe(found.length)
  })
})
