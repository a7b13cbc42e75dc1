import type { Backend } from '../backend.ts'

export function loadWasm(): Backend | null {
  return null
}
