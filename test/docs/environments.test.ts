import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { environmentDocs } from '../../scripts/environment-docs.ts'
import * as render from '../../src/render/index.ts'
import * as rl from '../../src/rl/index.ts'
import { builtInIds } from '../support/built-in-ids.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = environmentDocs()

describe('docs/environments.md', () => {
  it.each([...files.keys()])('%s is what `npm run docs:envs` writes', (path) => {
    expect(readFileSync(`${root}/${path}`, 'utf8')).toBe(files.get(path))
  })

  it('has the same chapters for every environment, and names every id', () => {
    const page = files.get('docs/environments.md')!
    const chapters = page.split(/^## /m).slice(1)
    for (const chapter of chapters) {
      const headings = [...chapter.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading)
      expect(headings, chapter.split('\n')[0]).toEqual(['Actions', 'Observations', 'Reward', 'Start', 'End', 'Source'])
    }
    expect(chapters).toHaveLength(files.size - 1)
    for (const id of builtInIds) expect(page).toContain(`\`${id}\``)
  })

  const programs = [...files.get('docs/environments.md')!.matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, program]) => program!,
  )
  it.each(programs)('has programs that print what they say', (program) => {
    const body = program.replace(/^import (.*) from .*$/m, 'const $1 = rl')
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    new Function('rl', body)(rl)
    const wanted = [...program.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text)
    const printed = print.mock.calls.map((values) => format(...values))
    print.mockRestore()
    expect(wanted.length).toBeGreaterThan(0)
    expect(printed).toEqual(wanted)
  })

  it('names wrappers and functions that are there', () => {
    const opening = files.get('docs/environments.md')!.split(/^## /m)[0]!
    const names = [...opening.matchAll(/`(\w+)(\(env\))?`/g)].map(([, name]) => name!)
    const arrays = { Float32Array, Int32Array, Int8Array }
    const fields = [
      ...'infos finalObservations dones autoresetSteps episodeReturns episodeLengths actionMasks'.split(' '),
      ...'mirror observationSigns actionPermutation actionSigns stateSigns state'.split(' '),
    ]
    for (const name of names)
      if (!fields.includes(name)) expect({ ...rl, ...render, ...arrays, Env: 'a type' }).toHaveProperty(name)
  })

  it('has a picture for each, and none that is left over', () => {
    const pictures = readdirSync(`${root}/docs/media/environments`).map((name) => `docs/media/environments/${name}`)
    expect(pictures.sort()).toEqual([...files.keys()].filter((path) => path.endsWith('.svg')).sort())
  })
})
