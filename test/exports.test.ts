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

  it('of all floors are those of alambic', () => {
    const floors = [...names].flatMap(([entry, own]) => (entry === 'alambic' ? [] : own))
    expect([...new Set(floors)].sort()).toEqual(names.get('alambic'))
  })

  it('are values and types', () => {
    expect(names.get('alambic/rl')).toEqual(expect.arrayContaining(['dqn', 'DqnOptions', 'make']))
  })
})
