// Runs programs on storages: what all families of operations share.

import { DeviceError } from '../../tensor/errors.ts'
import { CpuStorage, type DType, dtypeOf, type Storage, type TypedArray } from '../../tensor/storage.ts'
import { SMALLER } from '../devices/device-engine.ts'
import { GpuStorage, onEngine, refuseFloat64 } from '../devices/gpu-storage.ts'
import { constant, same } from '../kernels/elementwise.ts'
import type { GpuEngine, Handle } from './engine.ts'
import { upload } from './movement.ts'
import { asList, EXACT, elements, indexesByFloat, type Program, program } from './program.ts'

const EMPTY = new Float32Array(0)

export class Runner {
  constructor(readonly engine: GpuEngine) {}

  /** Runs a kernel on the inputs, then the numbers `settings`, into a new storage. */
  run(
    program: Program,
    inputs: readonly Storage[],
    settings: readonly number[] = [],
    dtype: DType = 'float32',
  ): GpuStorage<Handle> {
    const length = program.width * program.height * program.components
    const handle = length === 0 ? EMPTY : this.handle(program, inputs, settings)
    return new GpuStorage(this.engine, handle, dtype, length)
  }

  /** Runs a kernel whose result replaces the numbers of `target`. */
  runInto(target: Storage, program: Program, inputs: readonly Storage[], settings: readonly number[] = []): void {
    if (target.length > 0) onEngine(target, this.engine).replace(this.handle(program, inputs, settings))
  }

  /** Copies numbers from the CPU. `values` may change afterwards. */
  upload(values: TypedArray): GpuStorage<Handle> {
    refuseFloat64('toDevice', dtypeOf(values), "convert the tensor first: cast(tensor, 'float32')")
    const { length } = values
    const copy = Float32Array.from(values)
    const stays = this.engine.where.hardware === 'none' || length === 0
    const handle = stays ? copy : this.engine.run(program(upload, {}, length, 1), [copy])
    return new GpuStorage(this.engine, handle, dtypeOf(values), length)
  }

  fill(length: number, value: number, dtype: DType = 'float32'): GpuStorage<Handle> {
    refuseFloat64('fill', dtype, 'expected float32 or int32')
    return this.run(elements(constant, 0, length), [], [value], dtype)
  }

  copy(x: Storage, dtype: DType = x.dtype): GpuStorage<Handle> {
    return this.run(elements(same, 1, x.length), [x], [], dtype)
  }

  copyInto(target: Storage, x: Storage): void {
    this.runInto(target, elements(same, 1, x.length), [x])
  }

  /** Indices on the device; those on the CPU are uploaded. */
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
        `gpu: ${program.kernel.name} on ${largest} numbers; its indices on ${this.engine.where.mode} are exact up to ${EXACT}. ${SMALLER}`,
      )
    }
    const handles = inputs.map((input) => onEngine(input, this.engine).handle)
    return this.engine.run(program, handles, settings)
  }
}
