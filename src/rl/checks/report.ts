// The breaches found so far, and how a call that failed is told. Read next: ../check-env.ts.

import { describeValue } from '../env.ts'

/** One way in which an environment breaks the contract. */
export interface Breach {
  /** The rule in a few words; the same breach is reported once. */
  readonly rule: string
  /** What happened, and what was expected. */
  readonly message: string
}

export class Report {
  readonly breaches: Breach[] = []
  constructor(private readonly id: string) {}

  add(rule: string, message: string): void {
    if (this.breaches.some((breach) => breach.rule === rule)) return
    this.breaches.push({ rule, message: `${this.id}: ${message}` })
  }

  addFault(rule: string, subject: string, fault: string | undefined): void {
    if (fault !== undefined) this.add(rule, `${subject} ${fault}`)
  }
}

/** What a call throws, if it does. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}

/** How a call went that should have thrown: `is allowed`, or what it threw instead. */
export function outcome(error: unknown): string {
  return error === undefined ? 'is allowed' : `threw ${formatError(error)}`
}

/** `TypeError: …` */
export function formatError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : describeValue(error)
}
