// Files that PyTorch and Stable-Baselines3 wrote: test/golden/pytorch/README.md.

import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { labelsBy } from '../../src/distill/teachers/teaching-agent.ts'
import { loadAgent } from '../../src/export/agent-file.ts'
import { readPickle } from '../../src/nn/files/pickle.ts'
import { numbersOf, storedTensor, writeSafetensors } from '../../src/nn/files/safetensors.ts'
import { readStateDict } from '../../src/nn/files/state-dict.ts'
import { readZip } from '../../src/nn/files/zip.ts'
import { Box, loadSb3Policy, make } from '../../src/rl/index.ts'
import { AlambicError, CheckpointError, logSoftmax, tensor } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'

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
      expect(() => loadSb3Policy(golden(`${name}.zip`), { actionSpace: wide })).toThrow(/outputs; Box/)
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
    expect(read('(J\x01\x02\x00\x00\x8a\x02\x01\x01\x8a\x08\xfe\xff\xff\xff\xff\xff\xff\xfft.')).toEqual([513, 257, -2])
    expect(read('(\x88\x89t.')).toEqual([true, false])
    expect(read('](K\x01K\x02eK\x03a.')).toEqual([1, 2, 3])
    expect(read('(t.')).toEqual([])
    expect(read('}X\x01\x00\x00\x00aN\x88\x86s.')).toEqual(new Map([['a', [null, true]]]))
  })

  it.each([
    ['an opcode', '\x80\x02i__main__\n.', /opcode 0x69 at byte 2/],
    ['a global', 'cbuiltins\neval\n.', /"builtins.eval"/],
    ['an empty stack', '.', /stack is empty/],
    ['no end', 'K', /ends within/],
    ['no mark', 't', /no mark/],
    ['a mark above the stack', 'K\x01(bt.', /no mark/],
    ['a name without an end', 'cabc', /ends within/],
    [
      'an integer of nine bytes',
      `\x8a\x09${'\x00'.repeat(9)}.`,
      /an integer has 9 bytes at byte 2; expected at most 8/,
    ],
    ['items of no dict', 'NK\x01K\x02s.', /sets items of no dict at byte 6/],
    ['a key without a value', '}(K\x01u.', /sets items of no dict/],
    ['an element of no list', 'NK\x01a.', /appends to no list at byte 4/],
    ['no memo', 'h\x00', /no memo 0/],
    ['a call of a number', 'K\x01)R.', /no function/],
  ])('refuse %s', (_, text, words) => {
    expect(() => read(text)).toThrow(CheckpointError)
    expect(() => read(text)).toThrow(words)
  })
})

describe('a state dict', () => {
  const text = (value: string) => `X${String.fromCharCode(value.length)}\x00\x00\x00${value}`
  const tuple = (...values: readonly string[]) => `(${values.join('')}t`
  const byte = (value: number) => `K${String.fromCharCode(value)}`
  const bytes16 = Uint8Array.of(...new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer))

  /** The id of a storage of four float32 numbers, given as they are in the pickle. */
  const storage = ({
    kind = text('storage'),
    type = 'ctorch\nFloatStorage\n',
    key = text('0'),
    count = byte(4),
  } = {}) => `${tuple(kind, type, key, 'N', count)}Q`
  const four = { from: storage(), offset: byte(0), shape: tuple(byte(4)), stride: tuple(byte(1)) }
  const rebuilt = (parts: Partial<typeof four> = {}) => {
    const { from, offset, shape, stride } = { ...four, ...parts }
    return `ctorch._utils\n_rebuild_tensor_v2\n${tuple(from, offset, shape, stride, '\x89', 'N')}R`
  }
  const dict = (entries: readonly (readonly [name: string, value: string])[]) =>
    `}${entries.map(([name, value]) => `${name}${value}s`).join('')}.`
  const fileOf = (pickle: string, more: Record<string, Uint8Array> = {}) =>
    zipSync({ 'm/data.pkl': bytesOf(pickle), 'm/data/0': bytes16, ...more }, { level: 0 })
  const named = (value: string) => fileOf(dict([[text('a'), value]]))
  const shaped = (...sizes: readonly number[]) => tuple(...sizes.map(byte))

  it('has tensors that are parts of their storages', () => {
    const file = fileOf(
      dict([
        [text('a'), rebuilt()],
        [text('b'), rebuilt({ offset: byte(1), shape: shaped(3) })],
        [text('c'), rebuilt({ shape: shaped(1, 4), stride: shaped(9, 1) })], // the stride of an axis of 1 is any
        [text('d'), rebuilt({ shape: shaped(0, 3), stride: shaped(1, 1) })], // no number has an address
      ]),
      { 'm/byteorder': bytesOf('little') },
    )
    const read = readStateDict(file)
    const numbers = ['a', 'b', 'c', 'd'].map((name) => [...numbersOf(read, name)])
    expect(numbers).toEqual([[1, 2, 3, 4], [2, 3, 4], [1, 2, 3, 4], []])
    expect([...read.tensors.values()].map(({ shape }) => shape)).toEqual([[4], [3], [1, 4], [0, 3]])
  })

  it('may have a storage four times, and no more', () => {
    const times = (count: number) =>
      fileOf(dict(Array.from({ length: count }, (_, i) => [text(String(i)), rebuilt()] as const)))
    expect(readStateDict(times(4)).tensors.size).toBe(4)
    expect(() => readStateDict(times(5))).toThrow('the tensors have 80 bytes, their storages 16; expected few tensors')
  })

  it('is told from a .safetensors file whose header is as long as a pickle begins', () => {
    const name = 'a'.repeat(70)
    const file = writeSafetensors({ metadata: {}, tensors: new Map([[name, storedTensor(Float32Array.of(1), [1])]]) })
    expect(file[0]).toBe(0x80)
    expect([...readStateDict(file).tensors.keys()]).toEqual([name])
  })

  const noStorage = /refers to a storage that the archive does not have/
  const noParts = /has a tensor without storage, offset, size or stride/
  const beyond = /a tensor of shape \[\d\] ends beyond its storage of 16 bytes/
  it.each<[string, Uint8Array, RegExp]>([
    ['an id of another kind', named(rebuilt({ from: storage({ kind: text('module') }) })), noStorage],
    ['a storage of no type', named(rebuilt({ from: storage({ type: 'ccollections\nOrderedDict\n' }) })), noStorage],
    ['a storage that is missing', named(rebuilt({ from: storage({ key: text('1') }) })), noStorage],
    ['a storage by a number', named(rebuilt({ from: storage({ key: byte(0) }) })), noStorage],
    ['a storage of no size', named(rebuilt({ from: storage({ count: 'N' }) })), noStorage],
    [
      'a storage of another size',
      named(rebuilt({ from: storage({ count: byte(5) }) })),
      /"0" has 16 bytes; the pickle/,
    ],
    ['a tensor of no storage', named(rebuilt({ from: 'N' })), noParts],
    ['a tensor at no place', named(rebuilt({ offset: 'N' })), noParts],
    ['a tensor of no size', named(rebuilt({ shape: 'N' })), noParts],
    ['a tensor of no stride', named(rebuilt({ stride: 'N' })), noParts],
    ['a stride too many', named(rebuilt({ stride: shaped(1, 1) })), /\[4\] has the strides \[1, 1\]; expected \[1\]/],
    ['a tensor that is too long', named(rebuilt({ shape: shaped(5) })), beyond],
    ['a tensor that begins too late', named(rebuilt({ offset: byte(1) })), beyond],
    ['a number', named(byte(1)), /^"a" in the file is no tensor; expected a state dict alone/],
    ['a tensor without a name', fileOf(dict([[byte(1), rebuilt()]])), /^an entry in the file is no tensor/],
    ['nothing', fileOf('}.'), /holds no dict of tensors/],
    ['no dict', fileOf('N.'), /holds no dict of tensors/],
    [
      'numbers of a big-endian machine',
      fileOf(dict([[text('a'), rebuilt()]]), { 'm/byteorder': bytesOf('big') }),
      /was saved on a big-endian machine/,
    ],
    ['another archive', zipSync({ 'a.txt': bytes16 }), /no data.pkl or policy.pth, but a.txt; expected/],
    ['a policy that is none', zipSync({ 'policy.pth': bytes16 }), /^policy.pth is no zip archive/],
    ['four bytes of a zip archive', bytesOf('PK\x03\x04'), /no directory at the end/],
    ['three bytes', bytesOf('PK\x03'), /has 3 bytes; expected at least 8/],
  ])('is refused with %s', (_, file, words) => {
    expect(() => readStateDict(file)).toThrow(CheckpointError)
    expect(() => readStateDict(file)).toThrow(words)
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

  const content = bytesOf('hello, hello, hello, hello')
  const stored = zipSync({ a: content, b: content }, { level: 0 })
  const deflated = zipSync({ a: content })
  const directoryOf = (file: Uint8Array) => new DataView(file.buffer).getUint32(file.length - 6, true)
  /** The file with other numbers, of 16 or 32 bits, at places in its directory's first entry. */
  const withEntry = (file: Uint8Array, numbers: Readonly<Record<number, number>>) => {
    const changed = file.slice()
    const view = new DataView(changed.buffer)
    for (const [field, value] of Object.entries(numbers)) {
      const at = directoryOf(file) + Number(field)
      if (Number(field) < 12) view.setUint16(at, value, true)
      else view.setUint32(at, value, true)
    }
    return changed
  }
  const withDirectoryAt = (at: number) => {
    const changed = stored.slice()
    new DataView(changed.buffer).setUint32(stored.length - 6, at, true)
    return changed
  }

  it('hold nothing, or entries with remarks, and end with a remark', () => {
    expect(readZip(zipSync({})).size).toBe(0)
    const remarks = { comment: 'a remark', extra: { 51966: bytesOf('more') } }
    const archive = readZip(Uint8Array.of(...zipSync({ a: [content, remarks], b: content }), ...bytesOf('the end')))
    expect([...archive.keys()]).toEqual(['a', 'b'])
    for (const entry of archive.values()) expect(entry.read()).toEqual(content)
  })

  it('hold their entries in any place, also behind the directory', () => {
    const file = zipSync({ '': new Uint8Array() }, { level: 0 }) // a header of 30 bytes, the directory, its end
    const turned = Uint8Array.of(...withEntry(file, { 42: 46 + 22 }).subarray(30), ...file.subarray(0, 30))
    new DataView(turned.buffer).setUint32(46 + 16, 0, true) // where the directory begins
    expect(readZip(turned).get('')!.read()).toEqual(new Uint8Array())
  })

  it('inflate to a hundred times their size at most', () => {
    const zeros = zipSync({ a: new Uint8Array(1000) })
    expect(readZip(zeros, 10).get('a')!.read()).toHaveLength(1000)
    expect(() => readZip(zeros, 9).get('a')!.read()).toThrow('zip: "a" inflates to 1000 bytes, too much for 9 bytes')
  })

  const outside = 'zip: the entry "a" lies outside of the file: a truncated or a zip64 archive'
  it.each<[string, Uint8Array, string]>([
    ['a directory in another place', withDirectoryAt(0), 'zip: entry 1 of 2 is missing from the directory'],
    ['a directory in the last bytes', withDirectoryAt(stored.length - 2), 'zip: entry 1 of 2 is missing'],
    ['an encrypted entry', withEntry(stored, { 8: 1 }), 'zip: the entry "a" is encrypted'],
    ['another method', withEntry(stored, { 10: 12 }), 'zip: "a" has the method 12; expected 8, or 0 for equal sizes'],
    ['a stored entry of another size', withEntry(stored, { 24: content.length + 1 }), 'zip: "a" has the method 0'],
    [
      'a deflated entry of another size',
      withEntry(deflated, { 24: content.length + 1 }),
      `zip: the entry "a" does not inflate to its ${content.length + 1} bytes`,
    ],
    [
      'a deflated entry as if it were stored',
      withEntry(deflated, { 24: new DataView(deflated.buffer).getUint32(directoryOf(deflated) + 20, true) }),
      'zip: the entry "a" does not inflate',
    ],
    ['an entry without a header', withEntry(stored, { 42: directoryOf(stored) }), outside],
    ['an entry in the last bytes', withEntry(stored, { 42: stored.length - 2 }), outside],
    ['an entry that is too long', withEntry(stored, { 20: 1e6, 24: 1e6 }), outside],
  ])('are refused with %s', (_, file, message) => {
    const read = () => readZip(file).get('a')!.read()
    expect(read).toThrow(CheckpointError)
    expect(read).toThrow(message)
  })

  it('are refused with two entries of one name', () => {
    const twice = stored.slice()
    twice[directoryOf(stored) + 46 + 1 + 46] = 0x61 // the name of the second
    expect(() => readZip(twice)).toThrow('zip: the entry "a" occurs twice')
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
  forAll([damage], { numRuns: 300 }, ({ file, at, byte, cut }) => {
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
  })
})
