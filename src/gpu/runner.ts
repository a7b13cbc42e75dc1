// What the families of operations share: run a program on storages, get a storage.

import { DeviceError, DTypeError } from '../tensor/errors.ts'
import { CpuStorage, type DType, type Storage, type TypedArray } from '../tensor/storage.ts'
import { type GpuEngine, type Handle, SMALLER } from './engine.ts'
import { GpuStorage, onEngine } from './gpu-storage.ts'
import { constant, same, truncate, upload } from './kernels/movement.ts'
import { asList, EXACT, indexesByFloat, type Program, program } from './program.ts'

const EMPTY = new Float32Array(0)

export class Runner {
  constructor(readonly engine: GpuEngine) {}

  /** One kernel: its inputs, then its plain numbers, to a new storage. */
  run(
    program: Program,
    inputs: readonly Storage[],
    settings: readonly number[] = [],
    dtype: DType = 'float32',
  ): GpuStorage {
    const length = program.width * program.height * program.components
    return this.storage(length === 0 ? EMPTY : this.handle(program, inputs, settings), dtype, length)
  }

  /** One kernel whose result takes the place of the numbers of `target`. */
  runInto(target: Storage, program: Program, inputs: readonly Storage[], settings: readonly number[] = []): void {
    if (target.length > 0) onEngine(target, this.engine).replace(this.handle(program, inputs, settings))
  }

  /** Numbers from the CPU. They are copied at once. */
  upload(values: TypedArray): GpuStorage {
    if (values instanceof Float64Array) {
      throw new DTypeError("gpu: it computes in float32; convert the float64 tensor with cast(tensor, 'float32') first")
    }
    const { length } = values
    const copy = Float32Array.from(values)
    const stays = this.engine.where.hardware === 'none' || length === 0
    const handle = stays ? copy : this.engine.run(program(upload, {}, length, 1), [copy])
    return this.storage(handle, values instanceof Int32Array ? 'int32' : 'float32', length)
  }

  fill(length: number, value: number, dtype: DType = 'float32'): GpuStorage {
    if (dtype === 'float64') throw new DTypeError('gpu: it computes in float32; float64 was asked for')
    return this.run(program(constant, {}, length, 1), [], [value], dtype)
  }

  copy(x: Storage, dtype: DType = x.dtype): GpuStorage {
    return this.run(program(same, {}, x.length, 1), [x], [], dtype)
  }

  copyInto(target: Storage, x: Storage): void {
    this.runInto(target, program(same, {}, x.length, 1), [x])
  }

  /** Whole numbers, rounded towards 0 as an Int32Array does. */
  truncated(x: Storage): GpuStorage {
    return this.run(program(truncate, {}, x.length, 1), [x], [], 'int32')
  }

  /** Indices may be on the CPU, where their values were checked. */
  indices(index: Storage): Storage {
    return index instanceof CpuStorage ? this.upload(index.view()) : index
  }

  private handle(wanted: Program, inputs: readonly Storage[], settings: readonly number[]): Handle {
    const { width, height } = wanted
    const isTooLong = height > 1 && Math.max(width, height) > this.engine.longestSide
    const program = isTooLong ? asList(wanted) : wanted
    const largest = Math.max(width * height, ...inputs.map(({ length }) => length))
    if (largest > EXACT && indexesByFloat(program)) {
      throw new DeviceError(
        `gpu: ${program.kernel.name} with ${largest} numbers; on ${this.engine.where.mode} its indices are exact up to ${EXACT}. ${SMALLER}`,
      )
    }
    return this.engine.run(
      program,
      inputs.map((input) => onEngine(input, this.engine).handle),
      settings,
    )
  }

  private storage(handle: Handle, dtype: DType, length: number): GpuStorage {
    return new GpuStorage(this.engine, handle, dtype, length)
  }
}
