import { describe, expect, it } from 'vitest'
import { drawEnv, toPixels, toSvg, toText } from '../../src/render/index.ts'
import type { Scene, Shape } from '../../src/render/scene.ts'
import { make } from '../../src/rl/envs/tasks/make.ts'
import { Rng } from '../../src/tensor/random.ts'
import { Walk } from '../rl/broken-envs.ts'
import { builtInIds } from '../support/built-in-ids.ts'

describe('drawEnv', () => {
  it.each(builtInIds)('draws %s along an episode, each picture within its frame and unlike the first', (id) => {
    const env = make<unknown, unknown>(id)
    const policy = new Rng(2)
    env.reset({ seed: 9 })
    const first = toSvg(drawEnv(env))
    let changed = false
    for (let i = 0; i < 20; i++) {
      const { terminated, truncated } = env.step(env.actionSpace.sample(policy))
      const scene = drawEnv(env)
      const svg = toSvg(scene)
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      expect(reach(scene)).toBeLessThan(100) // a part may stick out, none is lost
      changed ||= svg !== first
      if (terminated || truncated) break
    }
    expect(changed).toBe(true)
    expect(toText(drawEnv(env), { columns: 40 }).trim()).not.toBe('')
    expect(new Set(toPixels(drawEnv(env), 60, 40).data).size).toBeGreaterThan(3)
  })

  it('draws an environment of one’s own by its method', () => {
    const scene: Scene = { width: 1, height: 1, background: '#000000', shapes: [] }
    expect(drawEnv(Object.assign(new Walk(), { draw: () => scene }))).toBe(scene)
    expect(() => drawEnv(new Walk())).toThrow(/no picture of Walk-v0; give the environment a method draw/)
  })

  it('puts things where the state says', () => {
    const figures = (id: string, state: number[], options = {}) => {
      const env = make<unknown>(id, options)
      env.reset({ seed: 1 })
      env.state = state
      return drawEnv(env).shapes
    }
    const walker = (shapes: readonly Shape[]) => shapes.filter((shape) => shape.kind === 'circle').at(-1)?.center
    expect(walker(figures('FrozenLake-v1', [6]))).toEqual([160, 87])
    expect(walker(figures('GridWorld-v0', [15]))).toEqual([220, 207])
    expect(walker(figures('CliffWalking-v1', [36]))).toEqual([40, 207])
    const open = (shapes: readonly Shape[]) => shapes.flatMap((shape) => (shape.kind === 'label' ? [shape.text] : []))
    expect(open(figures('Blackjack-v1', [10, 7, 1, 5]))).toEqual(['DEALER', '10', '10', 'PLAYER', '16', 'A', '5'])
    const bob = (angle: number) =>
      figures('Pendulum-v1', [angle, 0]).filter((shape) => shape.kind === 'circle')[1]?.center
    expect(bob(0)).toEqual([150, 38])
    expect(bob(Math.PI / 2)?.[0]).toBeCloseTo(38, 9) // counterclockwise: to the left
  })
})

// How far the farthest point lies outside the frame, in pixels.
function reach(scene: Scene): number {
  let farthest = 0
  const see = (x: number, y: number) => {
    farthest = Math.max(farthest, -x, -y, x - scene.width, y - scene.height)
  }
  for (const shape of scene.shapes) {
    if (shape.kind === 'circle') see(...shape.center)
    else if (shape.kind === 'label') see(...shape.at)
    else if (shape.kind === 'rect') see(shape.x, shape.y)
    else for (let i = 0; i < shape.points.length; i += 2) see(shape.points[i]!, shape.points[i + 1]!)
  }
  return farthest
}
