import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { saveAgent } from '../../src/export/agent-file.ts'
import { finish, make } from '../../src/rl/index.ts'
import { ppo } from '../../src/rl/on-policy/ppo.ts'

const printed = () => vi.mocked(console.log).mock.calls.join('\n')
afterEach(() => vi.restoreAllMocks())

it('prints a kernel as text, and the names of all', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run(['inspect', 'kernel', 'matmul'])).toBe(0)
  expect(printed()).toMatch(/^\(func \$matmul \(export "matmul"\)/)
  expect(printed()).toContain('f32x4.mul')
  expect(await run(['inspect', 'kernel'])).toBe(0)
  expect(printed()).toContain('map.tanh')
  expect(await run(['inspect', 'kernel', 'softmax', '--backend', 'wgsl'])).toBe(0)
  expect(printed()).toContain('@compute @workgroup_size(64)')
})

it('answers a misspelt kernel with the nearest one', async () => {
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await run(['inspect', 'kernel', 'matmull'])).toBe(2)
  expect(errors.mock.calls.join()).toContain('Did you mean "matmul"?')
})

it('lists the devices, what the absent ones need, and the threads', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run(['inspect', 'devices'])).toBe(0)
  expect(printed()).toMatch(/^cpu +wasm +yes +none +this processor$/m)
  expect(printed()).toMatch(/^gpu +cpu +yes +none /m)
  expect(printed()).toMatch(/^webgl2: absent; needs a browser with WebGL2$/m)
  expect(printed()).toMatch(/^threads: 1$/m)
})

it('describes an agent and the layers of its networks, as its file has them', async () => {
  const agent = finish(ppo(make('CartPole-v1'), { totalTimesteps: 1, network: 'linear:3,relu,linear:5,tanh' }))
  const file = join(mkdtempSync(join(tmpdir(), 'alambic-')), 'agent.safetensors')
  writeFileSync(file, saveAgent(agent, { environment: 'CartPole-v1' }))
  vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run(['inspect', 'agent', file])).toBe(0)
  expect(printed()).toMatch(/^CategoricalPolicy +CartPole-v1 +4 numbers +Discrete\(0 … 1\) +47 parameters$/m)
  expect(printed()).toMatch(/^network: linear:3,relu,linear:5,tanh,linear:2$/m)
})
