// A file may not choose how long we work, nor how much memory we take: each of these is refused at once, by a documented error.

import { describe, expect, it } from 'vitest'
import { loaders } from '../../scripts/fuzz/loaders.ts'
import { digestOf } from '../../src/data/digest.ts'
import { datasetFromCsv, datasetFromJson } from '../../src/distill/dataset/dataset-files.ts'
import { loadAgent } from '../../src/export/agent-file.ts'
import { readSafetensors, type StoredTensor, storedTensor, writeSafetensors } from '../../src/nn/files/safetensors.ts'
import { MLP, saveParameters } from '../../src/nn/index.ts'
import { loadSb3Policy, readCheckpoint, writeCheckpoint } from '../../src/rl/index.ts'
import { DecisionTree, type TreeNode } from '../../src/rl/policies/decision-tree.ts'
import { AlambicError, CheckpointError, Rng, ValueError } from '../../src/tensor/index.ts'

/** `body` throws a documented error with a message of bounded length, within five seconds of the processor's time. */
function expectRefusal(body: () => unknown): void {
  const started = process.cpuUsage()
  let error: unknown
  try {
    body()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(AlambicError)
  expect((error as Error).message.length).toBeLessThan(20_000)
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5)
}

const one = storedTensor(Float32Array.of(1), [1, 1])
const fileOf = (names: readonly string[], stored: StoredTensor = one, metadata = {}) =>
  writeSafetensors({ metadata, tensors: new Map(names.map((name) => [name, stored])) })
const withHeader = (text: string) => {
  const json = new TextEncoder().encode(text)
  const file = new Uint8Array(8 + json.length)
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true)
  file.set(json, 8)
  return file
}
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('numbers and names in safetensors files', () => {
  it.each(['q_net.q_net.60000000.weight', 'mlp_extractor.policy_net.99999999998.weight', 'q_net.q_net.1e9.weight'])(
    '%s is one layer, not millions',
    (name) => {
      expectRefusal(() => loadSb3Policy(fileOf([name])))
      expectRefusal(() => loadAgent(fileOf([name])))
    },
  )

  it('100,000 names are read in linear time', () => {
    for (const prefix of ['q_net.q_net', 'actor']) {
      const names = Array.from({ length: 100_000 }, (_, i) => `${prefix}.${2 * i}.weight`)
      const entries = names.map((name) => `"${name}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`)
      const file = readSafetensors(withHeader(`{${entries.join(',')}}`))
      expectRefusal(() => loadAgent(file))
      expectRefusal(() => loadSb3Policy(file, { layerNames: { logits: names.map((name) => name.slice(0, -7)) } }))
    }
  })

  it('a name of a megabyte is shortened in messages', () => {
    const name = 'x'.repeat(1_000_000)
    expectRefusal(() => loadSb3Policy(fileOf([name])))
    expectRefusal(() => loadAgent(fileOf(['0.weight', name])))
    expectRefusal(() => readSafetensors(withHeader(`{"${name}":7}`)))
  })

  it('lists within lists, and shapes of a million axes', () => {
    expectRefusal(() => readSafetensors(withHeader(`{"a":${nested(200_000)}}`)))
    const shape = new Array(1_000_000).fill(1).join(',')
    expectRefusal(() => readSafetensors(withHeader(`{"a":{"dtype":"F32","shape":[${shape}],"data_offsets":[0,0]}}`)))
  })

  it.each([
    ['bins of any length', { bins: { length: 1e9 } }],
    ['bins that do not divide the outputs', { bins: [0, 1, 2, 3, 4] }],
    ['units that are texts', { units: { mean: 'a', deviation: 1 } }],
    ['a count of actions below 1', { numActions: -5 }],
    ['bounds of another size', { bounds: { low: [0, 0, 0, 0], high: [1, 1, 1, 1] } }],
    ['bounds that cross', { bounds: { low: [1], high: [0] } }],
    ['a list', []],
  ])('an agent with %s', (_, notes) => {
    const metadata = { outputs: 'gaussian', agent: JSON.stringify(notes) }
    expectRefusal(() => loadAgent(saveParameters(new MLP([4, 2], new Rng(1)), metadata)))
  })
})

describe('trees', () => {
  const leaf = { action: 0, weights: [1], samples: 1 }
  const chain = (depth: number) => {
    let node: TreeNode = leaf
    for (let i = 0; i < depth; i++) node = { feature: 0, threshold: i, left: leaf, right: node }
    return node
  }

  it('of a thousand questions in a row work; deeper ones are refused', () => {
    const deep = new DecisionTree(chain(1000), 1, 1)
    expect(DecisionTree.fromJson(deep.toJson()).depth).toBe(1000)
    expect(deep.toText().split('\n')).toHaveLength(2000)
    expect(() => new DecisionTree(chain(100_000), 1, 1)).toThrow(ValueError)
  })

  it('in files are bounded in depth and width', () => {
    const left = '{"feature":0,"threshold":0,"left":'
    expectRefusal(() => DecisionTree.fromJson(`${left.repeat(100_000)}1`))
    expectRefusal(() => DecisionTree.fromJson(nested(1_000_000)))
    const text = new DecisionTree(leaf, 1, 1).toJson()
    expectRefusal(() => DecisionTree.fromJson(text.replace('"observationSize": 1', '"observationSize": 1e15')))
    expectRefusal(() => DecisionTree.fromJson(text.replace(/"weights": \[[^\]]*\]/, '"weights": [-1]')))
  })
})

describe('datasets', () => {
  const options = { envId: 'CartPole-v1' }

  it('a quoted field of 6 MB, as a name and as a number', () => {
    for (const character of ['1', '_', '""']) {
      const field = `"${character.repeat(6_000_000 / character.length)}"`
      expectRefusal(() => datasetFromCsv(`${field},action\n1,0\n`, options))
      expectRefusal(() => datasetFromCsv(`observation_0,logit_0\n1,${field}\n`, options))
    }
  })

  it.each(['0x10', '0b1', '1_000', 'Infinity', '1e400', '١'])('%s is no number of a table', (text) => {
    expectRefusal(() => datasetFromCsv(`observation_0,logit_0\n1,${text}\n`, options))
  })

  it('a header of many columns over short rows takes no memory', () => {
    const header = Array.from({ length: 50_000 }, (_, i) => `observation_${i}`).join(',')
    expectRefusal(() => datasetFromCsv(`${header},logit_0\n${'0\n'.repeat(500_000)}`, options))
  })

  it('lists within lists, unknown entries and columns', () => {
    const text = `{"envId":"a","observationSize":1,"squashed":false,"labels":0,"environmentSteps":0,"actionSpace":{"n":2},
      "provenance":{"selection":"a","rounds":1,"seed":0,"teacher":"a"},"observations":[1],"logits":[1,2]}`
    expect(datasetFromJson(text).size).toBe(1)
    expectRefusal(() => datasetFromJson(text.replace('"logits"', '"logit"')))
    expectRefusal(() => datasetFromJson(text.replace('[1,2]', '[1,2,3]')))
    expectRefusal(() => datasetFromJson(text.replace('{"n":2}', nested(100_000))))
    expectRefusal(() => datasetFromJson(text.replace('{"n":2}', `[${'0,'.repeat(1_000_000)}0]`)))
  })
})

describe('checkpoints of trainings', () => {
  const saved = { algorithm: 'ppo', options: { seed: 1 }, parts: { numbers: Float64Array.of(1, 2), list: [1, -0] } }
  const file = writeCheckpoint(saved)

  it('carry a digest, so that no flipped bit is resumed from', () => {
    for (let at = 0; at < file.length; at++) {
      const flipped = file.slice()
      flipped[at] = flipped[at]! ^ (1 << (at % 8))
      expect(() => readCheckpoint(flipped), `byte ${at}`).toThrow(CheckpointError)
    }
    expect(readCheckpoint(file)).toEqual(saved)
  })

  it('without a digest, or with one in another place, are refused', () => {
    const { metadata, tensors } = readSafetensors(file)
    const { 'alambic.digest': digest, ...rest } = metadata
    expect(() => readCheckpoint(writeSafetensors({ metadata: rest, tensors }))).toThrow(/digest/)
    const last = { ...rest, 'alambic.digest': digest! }
    expect(() => readCheckpoint(writeSafetensors({ metadata: last, tensors }))).toThrow(/digest/)
  })

  it('the digest depends on each bit and on the order', () => {
    const bytes = Uint8Array.from({ length: 70 }, (_, i) => i)
    const digests = Array.from({ length: 70 * 8 }, (_, i) =>
      digestOf(bytes.map((byte, at) => byte ^ (at === i >> 3 ? 1 << (i & 7) : 0))),
    )
    const shorter = Array.from({ length: 70 }, (_, i) => digestOf(bytes.subarray(0, i)))
    expect(new Set([...digests, ...shorter, digestOf(bytes)]).size).toBe(70 * 8 + 70 + 1)
    for (const each of digests) expect(each).toMatch(/^[0-9a-f]{32}$/)
  })
})

it.each(loaders.map((loader) => [loader.name, loader] as const))(
  '%s: files cut short are refused or whole',
  (_, loader) => {
    const [file] = loader.seeds()
    loader.read(file!)
    for (let i = 0; i < 24; i++) {
      try {
        loader.read(file!.slice(0, Math.floor((file!.length * i) / 24)))
      } catch (error) {
        expect(error).toBeInstanceOf(AlambicError)
      }
    }
  },
)
