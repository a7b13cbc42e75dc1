// Operands of kernel benches: storages in linear memory, where training keeps parameters and activations.

import { scope } from '../../src/tensor/autograd/scope.ts'
import { Tensor } from '../../src/tensor/autograd/tensor.ts'
import { Block, memory } from '../../src/tensor/memory.ts'
import { Rng } from '../../src/tensor/random.ts'
import { CpuStorage } from '../../src/tensor/storage.ts'

/** Numbers from -1 to 1 in a block of their own. */
export function randomStorage(length: number, seed = 1): CpuStorage {
  const block = new Block(4 * length)
  const storage = CpuStorage.inMemory('float32', length, block.offset, block)
  const rng = new Rng(seed)
  const values = storage.view()
  for (let i = 0; i < length; i++) values[i] = rng.uniform(-1, 1)
  return storage
}

/** A square matrix in linear memory. From the heap, every operation would copy it to linear memory. */
export function randomMatrix(n: number, seed: number): Tensor {
  return new Tensor([n, n], randomStorage(n * n, seed))
}

/** Calls `f` `times` times in one scope and discards the results: the cost of a call within a training step. */
export function inOneScope(times: number, f: () => unknown): () => void {
  const call = () => {
    for (let i = 0; i < times; i++) {
      const mark = memory.mark()
      f()
      memory.reset(mark)
    }
  }
  return () => scope(call)
}
