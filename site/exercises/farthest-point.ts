import fc from 'fast-check'
import { type Answer, compare, type Exercise, Mismatch, shown, tenthsList } from './exercise.ts'

type Point = number[]

const answer = (expression: string) => `type Point = number[]

const distance = (a: Point, b: Point) => Math.hypot(...a.map((x, i) => x - b[i]))

/** The index of the candidate that is farthest from its nearest chosen point. */
export function farthest(candidates: Point[], chosen: Point[]): number {
  const scores = candidates.map((point) => ${expression})
  return scores.indexOf(Math.max(...scores))
}
`

const distance = (a: Point, b: Point) => Math.hypot(...a.map((x, i) => x - b[i]!))
const gap = (point: Point, chosen: readonly Point[]) => Math.min(...chosen.map((each) => distance(point, each)))
const points = (least: number, most: number) =>
  fc.array(tenthsList(2, -1, 1), { minLength: least, maxLength: most, size: 'max' })

export const farthestPoint: Exercise = {
  title: 'The farthest candidate',
  name: 'farthest',
  stub: answer('0'),
  solution: answer('Math.min(...chosen.map((each) => distance(point, each)))'),
  wrong: [
    answer('0'),
    answer('Math.max(...chosen.map((each) => distance(point, each)))'), // from the farthest chosen point
    answer('chosen.reduce((sum, each) => sum + distance(point, each), 0)'), // from all of them together
    answer('distance(point, chosen[0])'), // from the first
    answer('distance(point, chosen[chosen.length - 1])'), // from the last
    answer('-Math.min(...chosen.map((each) => distance(point, each)))'), // the nearest candidate
    answer('Math.min(...candidates.filter((each) => each !== point).map((each) => distance(point, each)))'), // among candidates
    answer('Math.hypot(...point)'), // from the middle
  ],
  property: (f: Answer) =>
    fc.property(points(2, 4), points(1, 3), (candidates, chosen) => {
      const gaps = candidates.map((point) => gap(point, chosen))
      const best = gaps.indexOf(Math.max(...gaps))
      const given = `candidates = ${shown(candidates)} and chosen = ${shown(chosen)}`
      let got: unknown
      const ask = () => {
        got = f(candidates, chosen)
        return typeof got === 'number' ? gaps[got] : got
      }
      // Several candidates may be equally far: any of them is right.
      try {
        compare(given, ask, gaps[best]!)
      } catch {
        const theirs = typeof got === 'number' && gaps[got] !== undefined ? `, at distance ${shown(gaps[got])}` : ''
        throw new Mismatch(
          `For ${given}: expected ${best}, at distance ${shown(gaps[best])} from its nearest chosen point; your function returned ${shown(got)}${theirs}.`,
        )
      }
    }),
}
