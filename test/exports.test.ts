// How many names each entry point gives to the public.

import { describe, expect, it } from 'vitest'
import { publicNames } from '../scripts/size/public-names.ts'
import * as ceilings from './support/ceilings.ts'

const names = publicNames()

describe('public names', () => {
  it('are held to a ceiling at every entry point', () => {
    expect([...names.keys()].sort()).toEqual(Object.keys(ceilings.publicNames).sort())
  })

  it.each(Object.entries(ceilings.publicNames))('of %s are few enough', (entry, { ceiling }) => {
    expect(names.get(entry)!.length).toBeGreaterThan(0)
    expect(names.get(entry)!.length).toBeLessThanOrEqual(ceiling)
  })

  it('are few enough in all', () => {
    expect(new Set([...names.values()].flat()).size).toBeLessThanOrEqual(ceilings.allPublicNames)
  })

  it('are values and types', () => {
    expect(names.get('alambic/rl')).toEqual(expect.arrayContaining(['dqn', 'Env', 'make']))
  })
})
