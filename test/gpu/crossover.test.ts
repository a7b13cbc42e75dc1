import { expect, it, vi } from 'vitest'
import { run } from '../../src/cli/program.ts'

it('alambic inspect devices --measure says for each GPU from which size on it is worth it', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run(['inspect', 'devices', '--measure'])).toBe(0)
  const printed = log.mock.calls.join('\n')
  log.mockRestore()
  expect(printed).toMatch(
    /^(webgpu|headlessgl) on .+: products are faster than on the CPU (from \d+×\d+|at no size up to \d+×\d+)/m,
  )
  expect(printed).toContain('Nothing moves to a GPU by itself')
})
