import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosineSchedule,
  cosineWarmRestarts,
  exponentialSchedule,
  linearSchedule,
  multiStepSchedule,
  type OneCycleOptions,
  oneCycleSchedule,
  polynomialSchedule,
  type Schedule,
  sequentialSchedule,
  stepSchedule,
  valueAt,
} from '../../../src/nn/optimizers/schedules.ts'
import { goldenCases } from '../../support/golden.ts'

interface ScheduleCase {
  readonly name: string
  readonly op: string
  readonly schedule: string
  readonly base_lr: number
  readonly attrs: Readonly<Record<string, unknown>>
  readonly lr: readonly number[]
  readonly momentum?: readonly number[]
}

const cases = goldenCases<ScheduleCase>('optim.json').filter((each) => each.op === 'schedule')

function oneCycleOptions(attrs: ScheduleCase['attrs']): OneCycleOptions {
  return {
    peak: attrs.max_lr as number,
    steps: attrs.total_steps as number,
    warmup: (attrs.pct_start as number | undefined) ?? 0.3,
    startDivisor: (attrs.div_factor as number | undefined) ?? 25,
    endDivisor: (attrs.final_div_factor as number | undefined) ?? 1e4,
    form: attrs.anneal_strategy === 'linear' ? 'linear' : 'cosine',
    threePhase: attrs.three_phase === true,
  }
}

function scheduleOf(kind: string, base: number, attrs: ScheduleCase['attrs']): Schedule {
  const number = (name: string) => attrs[name] as number
  switch (kind) {
    case 'StepLR':
      return stepSchedule(base, number('step_size'), number('gamma'))
    case 'MultiStepLR':
      return multiStepSchedule(base, attrs.milestones as number[], number('gamma'))
    case 'ExponentialLR':
      return exponentialSchedule(base, number('gamma'))
    case 'CosineAnnealingLR':
      return cosineSchedule(base, number('T_max'), (attrs.eta_min as number | undefined) ?? 0)
    case 'LinearLR': {
      const { start_factor = 1 / 3, end_factor = 1, total_iters = 5 } = attrs as Record<string, number | undefined>
      return linearSchedule(base * start_factor, base * end_factor, total_iters)
    }
    case 'ConstantLR':
      return sequentialSchedule([() => base * number('factor'), () => base], [number('total_iters')])
    case 'PolynomialLR':
      return polynomialSchedule(base, number('total_iters'), number('power'))
    case 'CosineAnnealingWarmRestarts':
      return cosineWarmRestarts(base, number('T_0'), number('T_mult'), number('eta_min'))
    case 'OneCycleLR':
      return oneCycleSchedule(oneCycleOptions(attrs))
    case 'SequentialLR': {
      const parts = attrs.parts as { schedule: string }[]
      return sequentialSchedule(
        parts.map((part) => scheduleOf(part.schedule, base, part as unknown as ScheduleCase['attrs'])),
        attrs.milestones as number[],
      )
    }
    default:
      throw new Error(`no schedule for ${kind}`)
  }
}

it.each(cases.map((each) => [each.name, each] as const))('PyTorch’s schedules: %s', (_, each) => {
  const schedule = scheduleOf(each.schedule, each.base_lr, each.attrs)
  for (const [step, expected] of each.lr.entries())
    expect(Math.abs(schedule(step) - expected), `step ${step}`).toBeLessThanOrEqual(1e-10 * (1 + expected))
})

describe('schedules', () => {
  it('stay between their ends, at any length and beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat(200),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (steps, step, warmup) => {
          const cycle = { peak: 1, steps, warmup }
          const all = [
            cosineSchedule(1, steps, 0.1),
            linearSchedule(1, 0.1, steps),
            polynomialSchedule(1, steps, 2),
            cosineWarmRestarts(1, steps, 2, 0.1),
            oneCycleSchedule(cycle),
            oneCycleSchedule({ ...cycle, threePhase: true, warmup: warmup / 2 }),
          ]
          for (const schedule of all) {
            expect(schedule(step)).toBeGreaterThanOrEqual(0)
            expect(schedule(step)).toBeLessThanOrEqual(1 + 1e-12)
          }
        },
      ),
    )
  })

  it('reach their last figure and keep it', () => {
    expect(linearSchedule(1, 0.25, 10)(10)).toBe(0.25)
    expect(linearSchedule(1, 0.25, 10)(99)).toBe(0.25)
    expect(polynomialSchedule(1, 10)(99)).toBe(0)
    expect(oneCycleSchedule({ peak: 1, steps: 10 })(9)).toBeCloseTo(1 / 25 / 1e4, 15)
    expect(oneCycleSchedule({ peak: 1, steps: 10 })(99)).toBeCloseTo(1 / 25 / 1e4, 15)
  })

  it('begin at the peak where the rise is one step', () => {
    expect(oneCycleSchedule({ peak: 1, steps: 10, warmup: 0.1 })(0)).toBe(1)
  })

  it('have two phases, and restarts of equal length, unless told otherwise', () => {
    const [plain, two] = [
      oneCycleSchedule({ peak: 1, steps: 20 }),
      oneCycleSchedule({ peak: 1, steps: 20, threePhase: false }),
    ]
    for (let step = 0; step < 25; step++) expect(plain(step)).toBe(two(step))
    for (let step = 0; step < 5; step++) expect(cosineWarmRestarts(1, 5)(step + 10)).toBe(cosineSchedule(1, 5)(step))
    expect(() => cosineWarmRestarts(1, 5, 0.9)).toThrow(/factor is 0.9; expected at least 1/)
  })

  it('valueAt takes a number as well', () => {
    expect(valueAt(0.5, 7)).toBe(0.5)
    expect(valueAt((step) => 2 * step, 7)).toBe(14)
  })

  it('refuse lengths that are none', () => {
    expect(() => cosineSchedule(1, 0)).toThrow('cosineSchedule: steps is 0; expected a positive, finite number')
    expect(() => stepSchedule(1, -1)).toThrow('stepSize is -1')
    expect(() => linearSchedule(1, 0, Number.NaN)).toThrow('steps is NaN')
    expect(() => cosineWarmRestarts(1, 4, 0.5)).toThrow('factor is 0.5; expected at least 1')
    expect(() => oneCycleSchedule({ peak: 1, steps: 10, warmup: 2 })).toThrow(
      'warmup is 2; expected a number from 0 to 1',
    )
    expect(() => sequentialSchedule([(s) => s, (s) => s], [])).toThrow('2 schedules need 1 milestones, got 0')
  })
})
