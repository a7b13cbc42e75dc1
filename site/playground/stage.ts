// Live play: teacher and student from the same start states; an episode that ends waits for the other.

import { drawEnv } from 'alambic/render'
import { type Env, type Moment, play } from 'alambic/rl'
import { playerOf } from './lab.ts'
import type { Frame, PlayerView } from './protocol.ts'
import { makeEnv, type Shown } from './teachers.ts'

interface Player {
  readonly env: Env
  readonly moments: Generator<Moment, void, void>
  moment: Moment
}

/** The current players, if any; called before each step, since both continue to learn. */
export type Cast = () => { readonly teacher: Shown | undefined; readonly student: Shown | undefined }

export class Stage {
  private teacher: Player | undefined
  private student: Player | undefined

  constructor(
    private readonly id: string,
    private readonly seed: number,
    private readonly cast: Cast,
  ) {}

  /** One step of everyone whose episode goes on. A student that is new starts together with the teacher. */
  advance(): void {
    const { teacher, student } = this.cast()
    if (student === undefined) this.student = undefined
    if (teacher !== undefined && this.teacher === undefined) this.teacher = this.enter('teacher')
    if (student !== undefined && this.student === undefined) {
      this.teacher = this.enter('teacher')
      this.student = this.enter('student')
    }
    const all = [this.teacher, this.student].filter((each) => each !== undefined)
    const areDone = all.every(({ moment }) => moment.ended)
    for (const player of all) if (areDone || !player.moment.ended) player.moment = player.moments.next().value!
  }

  frame(): Frame {
    const [teacher, student] = [viewOf(this.teacher), viewOf(this.student)]
    return { type: 'frame', ...(teacher && { teacher }), ...(student && { student }) }
  }

  private enter(who: 'teacher' | 'student'): Player | undefined {
    const { id, seed, cast } = this
    if (cast()[who] === undefined) return undefined
    const env = makeEnv(id)
    let agent: Shown | undefined
    let act: ReturnType<typeof playerOf>
    const choose = (each: unknown, observation: unknown) => {
      const latest = cast()[who]
      if (latest !== undefined && latest !== agent) {
        agent = latest
        act = playerOf(latest, id)
      }
      return act(each as Env, observation as Float32Array)
    }
    const moments = play(env as never, choose, Infinity, 1000 + seed)
    return { env, moments, moment: moments.next().value! }
  }
}

function viewOf(player: Player | undefined): PlayerView | undefined {
  return player && { scene: drawEnv(player.env as never), ...player.moment }
}
