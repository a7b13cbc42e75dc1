// Files that PyTorch and Stable-Baselines3 wrote: test/golden/pytorch/README.md.

import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { labelsBy } from '../../src/distill/teaching-agent.ts'
import { loadAgent } from '../../src/export/agent-file.ts'
import { readPickle } from '../../src/nn/pytorch/pickle.ts'
import { readStateDict } from '../../src/nn/pytorch/state-dict.ts'
import { readZip } from '../../src/nn/pytorch/zip.ts'
import { numbersOf } from '../../src/nn/safetensors.ts'
import { make } from '../../src/rl/registry.ts'
import { loadSb3Policy } from '../../src/rl/sb3-policy.ts'
import { Box } from '../../src/rl/spaces.ts'
import { AlambicError, CheckpointError } from '../../src/tensor/errors.ts'
import { logSoftmax, tensor } from '../../src/tensor/index.ts'

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`../golden/pytorch/${name}`, import.meta.url)))
const outputs = JSON.parse(new TextDecoder().decode(golden('outputs.json')))
const bytesOf = (text: string) => Uint8Array.from(text, (each) => each.charCodeAt(0))
const pendulum = make<unknown, unknown>('Pendulum-v1').actionSpace as Box

function expectNear(ours: ArrayLike<number> | undefined, theirs: readonly unknown[]): void {
  const flat = theirs.flat() as number[]
  expect(ours).toHaveLength(flat.length)
  for (const [i, value] of flat.entries()) expect(ours![i]).toBeCloseTo(value, 5)
}

describe('models of Stable-Baselines3', () => {
  it('PPO: logits and state values, with the activation that the model notes', () => {
    const { observations, actions, logits, values } = outputs['sb3-ppo']
    const policy = loadSb3Policy(golden('sb3-ppo.zip'))
    const batch = tensor(observations.flat(), [5, 4])
    expectNear(logSoftmax(policy.logits!(batch)).toArray(), logits)
    expectNear(policy.stateValues!(batch).toArray(), values)
    expect([...policy.actBatch(Float32Array.from(observations.flat()))]).toEqual(actions)
    const tanh = loadSb3Policy(golden('sb3-ppo.zip'), { activation: 'tanh' })
    expect(tanh.logits!(batch).toArray()).not.toEqual(policy.logits!(batch).toArray())
  })

  it('DQN: action values, from deflated entries', () => {
    const { observations, actionValues } = outputs['sb3-dqn']
    const policy = loadSb3Policy(golden('sb3-dqn.zip'))
    expectNear(policy.actionValues!(tensor(observations.flat(), [5, 4])).toArray(), actionValues)
  })

  it.each(['sb3-ppo-box', 'sb3-sac', 'sb3-td3'])(
    '%s: a continuous teacher, within the bounds of its actions',
    (name) => {
      const { observations, actions, mean, logStd } = outputs[name]
      const policy = loadSb3Policy(golden(`${name}.zip`), { actionSpace: pendulum })
      const flat = Float32Array.from(observations.flat())
      expectNear(policy.toEnvironment(policy.actBatch(flat)), actions)
      const labels = labelsBy(policy, flat, 5)
      if (mean) expectNear(labels.mean, mean)
      if (logStd) expectNear(labels.logStd, logStd)
    },
  )

  it('refuses actions of the other kind, and bounds of another size', () => {
    expect(() => loadSb3Policy(golden('sb3-sac.zip'))).toThrow(/give .* actionSpace/)
    expect(() => loadSb3Policy(golden('sb3-ppo.zip'), { actionSpace: pendulum })).toThrow(/chooses among actions/)
    const wide = new Box([-1, -1], [1, 1])
    for (const name of ['sb3-ppo-box', 'sb3-sac', 'sb3-td3']) {
      expect(() => loadSb3Policy(golden(`${name}.zip`), { actionSpace: wide })).toThrow(/outputs; expected/)
    }
  })
})

describe('state dicts of PyTorch', () => {
  it('have the numbers that were saved, in float32, float64 and the two halves', () => {
    for (const name of ['mlp', 'mlp-views', 'mlp-float64', 'mlp-float16', 'mlp-bfloat16']) {
      const file = readStateDict(golden(`${name}.pth`))
      const saved = outputs[name]?.state ?? outputs[name] ?? outputs.mlp.state
      expect([...file.tensors.keys()]).toEqual(Object.keys(saved))
      for (const key of file.tensors.keys()) expect([...numbersOf(file, key)]).toEqual(saved[key])
    }
  })

  it('become a policy by the names of their layers', () => {
    const layerNames = { activation: 'tanh', logits: ['0', '2'] } as const
    const policy = loadSb3Policy(golden('mlp.pth'), { layerNames })
    expectNear(policy.logits!(tensor(outputs.mlp.observations.flat(), [5, 4])).toArray(), outputs.mlp.logits)
    const actor = loadSb3Policy(golden('mlp.pth'), {
      layerNames: { activation: 'tanh', actions: ['0', '2'] },
      actionSpace: new Box([-1, -1], [1, 1]),
    })
    expectNear(actor.act(Float32Array.from(outputs.mlp.observations[0])), outputs.mlp.logits[0].map(Math.tanh))
  })

  it.each([
    ['legacy', /before PyTorch 1.6/],
    ['strides', /strides \[1, 4\]; expected \[3, 1\]/],
    ['code', /"posix.system", which is not run/],
  ])('refused: %s', (name, words) => {
    expect(() => loadAgent(golden(`refused-${name}.pth`))).toThrow(CheckpointError)
    expect(() => loadAgent(golden(`refused-${name}.pth`))).toThrow(words)
  })
})

describe('pickles', () => {
  const read = (text: string) => readPickle(bytesOf(text), { globals: new Map(), persistentLoad: () => null })

  it('hold numbers, texts and containers', () => {
    expect(read('\x80\x02(K\x01M\x00\x02J\xff\xff\xff\xff\x8a\x02\x00\x80t.')).toEqual([1, 512, -1, -32768])
    expect(read('}X\x01\x00\x00\x00aN\x88\x86s.')).toEqual(new Map([['a', [null, true]]]))
  })

  it.each([
    ['an opcode', '\x80\x02i__main__\n.', /opcode 0x69 at byte 2/],
    ['a global', 'cbuiltins\neval\n.', /"builtins.eval"/],
    ['an empty stack', '.', /stack is empty/],
    ['no end', 'K', /ends within/],
    ['no mark', 't', /no mark/],
    ['no memo', 'h\x00', /no memo 0/],
    ['a call of a number', 'K\x01)R.', /no function/],
  ])('refuse %s', (_, text, words) => {
    expect(() => read(text)).toThrow(CheckpointError)
    expect(() => read(text)).toThrow(words)
  })
})

describe('a small file that stands for a large value', () => {
  // A pair of pairs of pairs, 40 deep: as text, 2^40 entries.
  const pairs = `]q\x00${'h\x00h\x00\x86q\x00'.repeat(40)}`
  const storage = '(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000N'

  it('is refused as a name, and as a count of numbers', () => {
    const named = bytesOf(`${pairs}h\x00\x8c\x01x\x93.`)
    expect(() => readPickle(named, { globals: new Map(), persistentLoad: () => null })).toThrow(
      /a name that is no text/,
    )
    const counted = { 'm/data.pkl': bytesOf(`${pairs}${storage}h\x00tQ.`), 'm/data/0': new Uint8Array(4) }
    expect(() => readStateDict(zipSync(counted, { level: 0 }))).toThrow(/refers to a storage/)
  })

  it('is refused as an archive in an archive', () => {
    const filler = Uint8Array.from({ length: 2000 }, (_, i) => (i * 7919) % 251)
    const inner = zipSync({
      ...{ 'm/data.pkl': bytesOf(`${storage}J\x48\xe8\x01\x00tQ.`), 'm/data/0': new Uint8Array(500_000) },
      filler: [new Uint8Array(60_000), { level: 0 }],
    })
    const file = zipSync({ 'policy.pth': inner, filler: [filler, { level: 0 }] }, { level: 9 })
    expect(file.length).toBeLessThan(4000)
    expect(() => readStateDict(file)).toThrow(/inflates to 500000 bytes/)
  })
})

describe('zip archives', () => {
  it('inflate as zlib does', () => {
    const archive = readZip(golden('sb3-sac.zip'))
    const file = golden('sb3-sac.zip')
    const start = 30 + file[26]! + 256 * file[27]!
    expect(archive.get('data')!.read()).toEqual(new Uint8Array(inflateRawSync(file.subarray(start))))
  })

  it('are refused when one inflates too far', () => {
    const file = golden('sb3-dqn.zip')
    const view = new DataView(file.buffer)
    const at = view.getUint32(file.length - 6, true)
    view.setUint32(at + 24, 2 ** 31, true)
    expect(() => readZip(file).get('data')!.read()).toThrow(/inflates to 2147483648 bytes/)
  })
})

it('a damaged file is a documented error or a policy', () => {
  const files = ['sb3-ppo.zip', 'sb3-sac.zip', 'mlp.pth', 'mlp.onnx'].map(golden)
  const damage = fc.record({
    file: fc.nat(files.length - 1),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.nat(255),
    cut: fc.boolean(),
  })
  fc.assert(
    fc.property(damage, ({ file, at, byte, cut }) => {
      const damaged = files[file]!.slice()
      const place = Math.floor(at * damaged.length)
      damaged[place] = byte
      try {
        loadAgent(cut ? damaged.subarray(0, place) : damaged, {
          layerNames: file === 2 ? { logits: ['0', '2'] } : (undefined as never),
        })
      } catch (error) {
        expect(error).toBeInstanceOf(AlambicError)
      }
    }),
    { numRuns: 300 },
  )
})
