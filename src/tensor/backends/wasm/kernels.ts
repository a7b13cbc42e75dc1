// All kernels by name, and their text with folded operands, for `alambic inspect kernel matmul`.

import { unknownName, ValueError } from '../../errors.ts'
import { updateKernels } from './adam.ts'
import { mapKernels, where, zipKernels } from './elementwise-kernels.ts'
import type { Instruction } from './instructions/encoding.ts'
import { matmulKernels } from './matmul-kernels.ts'
import { type KernelTable, type WrittenKernel, writeKernel } from './module.ts'
import { arrangementKernels, indexingKernels } from './move-kernels.ts'
import { argReduceKernels, reduceKernels } from './reduce-kernels.ts'
import { softmaxKernels, standardizeKernels } from './row-kernels.ts'

export const allKernels = {
  ...matmulKernels,
  ...named('map', mapKernels()),
  ...named('zip', zipKernels()),
  where,
  ...reduceKernels(),
  ...argReduceKernels(),
  ...softmaxKernels(),
  ...standardizeKernels,
  ...arrangementKernels,
  ...indexingKernels,
  ...updateKernels(),
}

/** The names that `kernelText` accepts. */
export function kernelNames(): string[] {
  return Object.keys(allKernels)
}

/**
 * A kernel in the text format of WebAssembly. The prefixes of maps and zips, such as `map.tanh` and `zip.add`, may be omitted.
 * Throws a ValueError for an unknown name.
 */
export function kernelText(name: string): string {
  const full = [name, `map.${name}`, `zip.${name}`].find((each) => Object.hasOwn(allKernels, each))
  if (full === undefined) throw new ValueError(unknownName('kernel', name, kernelNames()))
  return functionText(writeKernel(full, allKernels, false))
}

function named(prefix: string, kernels: KernelTable): KernelTable {
  return Object.fromEntries(Object.entries(kernels).map(([name, each]) => [`${prefix}.${name}`, each]))
}

const WIDTH = 100

/** A kernel as `(func …)`. */
function functionText({ name, parameters, variables, body }: WrittenKernel): string {
  const lines = [`(func $${name} (export "${name}")`]
  for (const each of parameters) lines.push(`  (param $${each.name} ${each.type})`)
  for (const each of variables) lines.push(`  (local $${each.name} ${each.type})`)
  for (const each of body) lines.push(...instructionLines(each, 1))
  return `${lines.join('\n')})`
}

function instructionLines(each: Instruction, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const head = each.text === '' ? each.op : `${each.op} ${each.text}`
  if (each.body !== undefined) return blockLines(each, head, depth)
  const whole = `${indent}${folded(each)}`
  if (whole.length <= WIDTH || each.operands.length === 0) return [whole]
  const lines = each.operands.flatMap((operand) => instructionLines(operand, depth + 1))
  lines[lines.length - 1] += ')'
  return [`${indent}(${head}`, ...lines]
}

function blockLines(each: Instruction, head: string, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const condition = each.operands.map((operand) => ` ${folded(operand)}`).join('')
  const inner = (body: readonly Instruction[], by: number) => body.flatMap((one) => instructionLines(one, depth + by))
  if (each.op !== 'if') return [`${indent}(${head}`, ...inner(each.body!, 1), `${indent})`]
  const lines = [`${indent}(if${condition}`, `${indent}  (then`, ...inner(each.body!, 2), `${indent}  )`]
  if (each.otherwise !== undefined) lines.push(`${indent}  (else`, ...inner(each.otherwise, 2), `${indent}  )`)
  return [...lines, `${indent})`]
}

function folded(each: Instruction): string {
  const head = each.text === '' ? each.op : `${each.op} ${each.text}`
  return `(${[head, ...each.operands.map(folded)].join(' ')})`
}
