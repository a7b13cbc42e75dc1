// Allocation of new tensors: in the arena of the linear memory inside a scope, as ordinary typed arrays outside.
// Read next: autograd/scope.ts.

import { ShapeError } from './errors.ts'
import { memory } from './memory.ts'
import { MAX_ELEMENTS } from './shape.ts'
import { bytesOf, CpuStorage, type DType, type MemoryOwner, newArray } from './storage.ts'

/** Device memory that is freed at the end of a scope. */
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

/** The innermost open scope; null outside all scopes. */
export function currentScope(): Scope | null {
  return current
}

export function enterScope(scope: Scope | null): void {
  current = scope
}

/** Allocates `length` elements: uninitialised in the arena inside a scope, zeros on the heap outside. */
export function allocate(dtype: DType, length: number): CpuStorage {
  if (length > MAX_ELEMENTS) throw new ShapeError(`a tensor of ${length} elements; expected at most ${MAX_ELEMENTS}`)
  if (current === null) return CpuStorage.onHeap(newArray(dtype, length))
  return CpuStorage.inMemory(dtype, length, memory.bump(length * bytesOf(dtype)), current)
}

/** Ties a block to the innermost scope that ends parameters. Without one the garbage collector frees it. */
export function releaseWithParameters(block: MemoryOwner & Releasable): void {
  let scope = current
  while (scope !== null && scope.blocks === null) scope = scope.outer
  scope?.blocks?.add(block)
}

/** Frees device memory at the end of the current scope. Outside a scope the garbage collector frees it. */
export function releaseAtScopeEnd(each: Releasable): void {
  current?.releasables.add(each)
}

/** Excludes device memory, such as a parameter's gradient, from all current scopes. */
export function keepBeyondScope(each: Releasable): void {
  for (let s = current; s !== null; s = s.outer) s.releasables.delete(each)
}
