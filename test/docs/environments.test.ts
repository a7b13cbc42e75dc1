import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { environmentDocs } from '../../scripts/environment-docs.ts'
import { ids, make } from '../../src/rl/registry.ts'

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
    for (const id of ids()) expect(page).toContain(`\`${id}\``)
  })

  it('opens with a program that prints what it says', () => {
    const program = /```ts\n([\s\S]*?)```/.exec(files.get('docs/environments.md')!)![1]!
    const body = program.replace(/^import .*$/m, '')
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    new Function('make', body)(make)
    const wanted = [...program.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text)
    const printed = print.mock.calls.map(([value]) => String(value))
    print.mockRestore()
    expect(printed).toEqual(wanted)
  })

  it('has a picture for each, and none that is left over', () => {
    const pictures = readdirSync(`${root}/docs/media/environments`).map((name) => `docs/media/environments/${name}`)
    expect(pictures.sort()).toEqual([...files.keys()].filter((path) => path.endsWith('.svg')).sort())
  })
})
