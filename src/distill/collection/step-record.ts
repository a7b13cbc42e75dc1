// What happened while several copies of an environment were played at once: row t · copies + i is step t of copy i. Read back
// episode after episode.

export interface Episode {
  readonly copy: number
  /** The step on which it started, counted over the whole play. */
  readonly start: number
  /** 0 while it goes on. */
  length: number
}

export class StepRecord {
  private rows = 0
  private observations: Float32Array
  private actions: Int32Array
  private rewards: Float64Array

  constructor(
    private readonly observationSize: number,
    capacity: number,
  ) {
    this.observations = new Float32Array(capacity * observationSize)
    this.actions = new Int32Array(capacity)
    this.rewards = new Float64Array(capacity)
  }

  before(observations: Float32Array, actions: Int32Array): void {
    if (this.rows + actions.length > this.actions.length) this.grow()
    this.observations.set(observations, this.rows * this.observationSize)
    this.actions.set(actions, this.rows)
  }

  after(rewards: Float64Array): void {
    this.rewards.set(rewards, this.rows)
    this.rows += rewards.length
  }

  private grow(): void {
    const grown = <A extends Float32Array | Float64Array | Int32Array>(old: A, larger: A): A => {
      larger.set(old)
      return larger
    }
    this.observations = grown(this.observations, new Float32Array(2 * this.observations.length))
    this.actions = grown(this.actions, new Int32Array(2 * this.actions.length))
    this.rewards = grown(this.rewards, new Float64Array(2 * this.rewards.length))
  }

  /** The first `count` states, episode after episode, with their returns. */
  firstStates(count: number, episodes: readonly Episode[], copies: number, gamma: number) {
    const { observationSize } = this
    const observations = new Float32Array(count * observationSize)
    const actions = new Int32Array(count)
    const returns = new Float32Array(count)
    let from = 0
    for (const { copy, start, length } of episodes) {
      if (from >= count) break
      let following = 0
      for (let t = length - 1; t >= 0; t--) {
        const row = (start + t) * copies + copy
        following = this.rewards[row]! + gamma * following
        const to = from + t
        if (to >= count) continue
        const at = row * observationSize
        observations.set(this.observations.subarray(at, at + observationSize), to * observationSize)
        actions[to] = this.actions[row]!
        returns[to] = following
      }
      from += length
    }
    return { size: count, observationSize, observations, actions, returns, environmentSteps: this.rows }
  }
}
