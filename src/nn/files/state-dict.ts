// State dicts as torch.save writes them from PyTorch 1.6 on (torch/serialization.py): a zip archive with a pickle, data.pkl, whose tensors
// are views of storages, the entries data/0, data/1, …. Stable-Baselines3's zip has such a file as its entry policy.pth.
// Read next: zip.ts, pickle.ts.

import { CheckpointError, excerpt, formatShape, listed } from '../../tensor/errors.ts'
import { sizeOf, stridesOf } from '../../tensor/shape.ts'
import { type PickleGlobal, readPickle } from './pickle.ts'
import {
  areSizes,
  ELEMENT_BITS,
  type ElementType,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
} from './safetensors.ts'
import { isZip, readZip, type ZipArchive } from './zip.ts'

/** Key of the metadata with the settings of a model of Stable-Baselines3, as JSON. */
export const SB3_DATA = 'stable-baselines3'

/**
 * Reads the tensors of a .safetensors file, of a state dict saved by PyTorch ≥ 1.6 (.pth, .pt), or of the policy in a model of
 * Stable-Baselines3 (.zip), told apart by their first bytes. No code of the file is run. Throws a CheckpointError on any other file, and
 * on tensors that are not contiguous or lie outside of their storage.
 */
export function readStateDict(file: Uint8Array): SafetensorsFile {
  if (file[0] === 0x80 && file[8] !== 0x7b) {
    throw new CheckpointError(
      'the file is a bare pickle, the format of torch.save before PyTorch 1.6; expected a zip archive. ' +
        'Save the state dict again with a newer torch.save, or with safetensors.torch.save_file',
    )
  }
  if (!isZip(file)) return readSafetensors(file)
  const archive = readZip(file)
  const policy = archive.get('policy.pth')
  if (policy === undefined) return { metadata: {}, tensors: tensorsOf(archive) }
  const inner = policy.read()
  if (!isZip(inner))
    throw new CheckpointError('policy.pth is no zip archive; expected a model of Stable-Baselines3 ≥ 1.0')
  const data = archive.get('data')
  const metadata = data === undefined ? {} : { [SB3_DATA]: new TextDecoder().decode(data.read()) }
  return { metadata, tensors: tensorsOf(readZip(inner, file.length)) }
}

interface Storage {
  readonly type: ElementType
  readonly bytes: Uint8Array
}

const storageTypes: Readonly<Record<string, ElementType>> = {
  ...{ DoubleStorage: 'F64', FloatStorage: 'F32', HalfStorage: 'F16', BFloat16Storage: 'BF16' },
  ...{ LongStorage: 'I64', IntStorage: 'I32', ShortStorage: 'I16', CharStorage: 'I8' },
  ...{ ByteStorage: 'U8', BoolStorage: 'BOOL' },
}

// A tensor, to be told from the other values of the pickle.
class Rebuilt {
  constructor(readonly stored: StoredTensor) {}
}

const globals = new Map<string, PickleGlobal>(
  [
    { name: 'collections.OrderedDict', call: () => new Map() },
    { name: 'torch._utils._rebuild_tensor_v2', call: rebuild },
    { name: 'torch._utils._rebuild_parameter', call: ([tensor]: readonly unknown[]) => tensor },
    ...Object.keys(storageTypes).map((type) => ({ name: `torch.${type}` })),
  ].map((each) => [each.name, each]),
)

function tensorsOf(archive: ZipArchive): ReadonlyMap<string, StoredTensor> {
  const pickle = [...archive.keys()].find((name) => name.endsWith('/data.pkl'))
  if (pickle === undefined) {
    throw new CheckpointError(
      `the archive has no data.pkl or policy.pth, but ${listed([...archive.keys()])}; expected a state dict of PyTorch or a model of Stable-Baselines3`,
    )
  }
  const folder = pickle.slice(0, -'data.pkl'.length)
  const order = archive.get(`${folder}byteorder`)?.read()
  if (order !== undefined && new TextDecoder().decode(order) !== 'little') {
    throw new CheckpointError('the state dict was saved on a big-endian machine; expected little-endian numbers')
  }
  const storages = new Map<string, Uint8Array>()
  const persistentLoad = (id: unknown): Storage => {
    const [kind, global, key, , count] = Array.isArray(id) ? id : []
    const type = storageTypes[(global as PickleGlobal | undefined)?.name?.slice('torch.'.length) ?? '']
    const entry = typeof key === 'string' ? archive.get(`${folder}data/${key}`) : undefined
    if (kind !== 'storage' || type === undefined || entry === undefined || typeof count !== 'number') {
      throw new CheckpointError('the state dict refers to a storage that the archive does not have: a broken file')
    }
    const bytes = storages.get(key) ?? entry.read()
    storages.set(key, bytes)
    if (bytes.length * 8 !== count * ELEMENT_BITS[type]) {
      throw new CheckpointError(
        `the storage "${excerpt(key)}" has ${bytes.length} bytes; the pickle expects another size`,
      )
    }
    return { type, bytes }
  }
  const read = readPickle(archive.get(pickle)!.read(), { globals, persistentLoad })
  const entries = read instanceof Map ? [...read] : []
  const tensors = new Map<string, StoredTensor>()
  for (const [name, value] of entries) {
    if (typeof name !== 'string' || !(value instanceof Rebuilt)) {
      throw new CheckpointError(
        `${typeof name === 'string' ? `"${excerpt(name)}"` : 'an entry'} in the file is no tensor; expected a state dict alone: torch.save(model.state_dict(), path)`,
      )
    }
    tensors.set(name, value.stored)
  }
  if (tensors.size === 0) throw new CheckpointError('the file holds no dict of tensors; expected a state dict')
  requireUnshared(tensors, storages)
  return tensors
}

// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`; offset and strides in elements.
function rebuild([storage, offset, shape, stride]: readonly unknown[]): Rebuilt {
  const { type, bytes } = (storage ?? {}) as Partial<Storage>
  if (type === undefined || bytes === undefined || !areSizes([offset]) || !areSizes(shape) || !areSizes(stride)) {
    throw new CheckpointError('the state dict has a tensor without storage, offset, size or stride: a broken file')
  }
  const length = sizeOf(shape)
  const contiguous = stridesOf(shape)
  const isContiguous = stride.length === shape.length && shape.every((n, i) => n === 1 || stride[i] === contiguous[i])
  if (!isContiguous && length > 0) {
    throw new CheckpointError(
      `a tensor of shape ${formatShape(shape)} has the strides ${formatShape(stride)}; expected ${formatShape(contiguous)}. ` +
        'Save tensor.contiguous()',
    )
  }
  const width = ELEMENT_BITS[type] / 8
  const from = (offset as number) * width
  if (!(from + length * width <= bytes.length)) {
    throw new CheckpointError(
      `a tensor of shape ${formatShape(shape)} ends beyond its storage of ${bytes.length} bytes`,
    )
  }
  return new Rebuilt({ type, shape: [...shape], bytes: bytes.subarray(from, from + length * width) })
}

/** Tensors may share a storage, but not so often that a small file stands for a large network. */
const MOST_SHARING = 4

function requireUnshared(tensors: ReadonlyMap<string, StoredTensor>, storages: ReadonlyMap<string, Uint8Array>): void {
  const total = (all: Iterable<Uint8Array>) => [...all].reduce((sum, { length }) => sum + length, 0)
  const [used, stored] = [total([...tensors.values()].map(({ bytes }) => bytes)), total(storages.values())]
  if (used <= MOST_SHARING * stored) return
  throw new CheckpointError(
    `the tensors have ${used} bytes, their storages ${stored}; expected few tensors to share one`,
  )
}
