// Where new tensors' values go: to the arena of the linear memory inside a scope, to an ordinary typed array outside.
// Read next: scope.ts, which opens and ends scopes.

import { ShapeError } from './errors.ts'
import { memory } from './memory.ts'
import { MAX_ELEMENTS } from './shape.ts'
import { bytesOf, CpuStorage, type DType, type MemoryOwner, newArray } from './storage.ts'

/** Device memory that ends with a scope. */
export interface Releasable {
  release(): void
}

export class Scope {
  open = true
  readonly releasables = new Set<Releasable>()
  constructor(
    readonly outer: Scope | null,
    /** Parameters and the like that end with it; null if they outlive it. */
    readonly blocks: Set<MemoryOwner & Releasable> | null = null,
  ) {}
}

let current: Scope | null = null

/** The innermost open scope; null outside of all scopes. */
export function currentScope(): Scope | null {
  return current
}

export function enterScope(scope: Scope | null): void {
  current = scope
}

/** Memory for `length` elements: in the arena inside a scope, uninitialised; on the heap outside, zeros. */
export function allocate(dtype: DType, length: number): CpuStorage {
  if (length > MAX_ELEMENTS) throw new ShapeError(`a tensor of ${length} elements; the limit is ${MAX_ELEMENTS}`)
  if (current === null) return CpuStorage.onHeap(newArray(dtype, length))
  return CpuStorage.inMemory(dtype, length, memory.bump(length * bytesOf(dtype)), current)
}

/** Ties a block to the innermost scope that ends parameters. Without one it is left to the garbage collector. */
export function releaseWithParameters(block: MemoryOwner & Releasable): void {
  let scope = current
  while (scope !== null && scope.blocks === null) scope = scope.outer
  scope?.blocks?.add(block)
}

/** Ties device memory to the current scope. Outside a scope it is left to the garbage collector. */
export function releaseAtScopeEnd(each: Releasable): void {
  current?.releasables.add(each)
}

/** Unties device memory that must outlive the current scopes, such as a parameter's gradient. */
export function keepBeyondScope(each: Releasable): void {
  for (let s = current; s !== null; s = s.outer) s.releasables.delete(each)
}
