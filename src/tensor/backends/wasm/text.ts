// Prints kernels in the text format of WebAssembly, with folded operands.

import type { Instruction } from './instructions.ts'
import type { WrittenKernel } from './module.ts'

const WIDTH = 100

/** A kernel as `(func …)`. */
export function functionText({ name, parameters, variables, body }: WrittenKernel): string {
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
