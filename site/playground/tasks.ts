// The tasks of the playground: names and ranges of their state dimensions, the teachers there are, and the numbers of a task that
// the page shows. Page and worker share it; it computes nothing. Read next: config.ts.

export interface Dimension {
  readonly name: string
  readonly unit: string
  readonly low: number
  readonly high: number
  /** Decimals that are shown. */
  readonly digits: number
}

export interface TaskOfPage {
  readonly id: string
  readonly title: string
  readonly actions: readonly string[]
  readonly continuous?: boolean
  readonly dimensions: readonly Dimension[]
  /** Dimensions of the plane that is shown at first. */
  readonly plane: readonly [number, number]
  /** Trained networks, by name of their file; the first is the default. */
  readonly trained: readonly string[]
  /** Algorithms that can be trained in the page, with their presets. */
  readonly algorithms: Readonly<Record<string, string>>
  /** Mean return at which the task counts as solved. */
  readonly threshold: number
  /** Mean return of random actions. */
  readonly random: number
  readonly mostLabels: number
  /** Discount of look-aheads. */
  readonly gamma: number
  /** Steps of play a second, at speed 1. */
  readonly pace: number
}

const dimension = (name: string, unit: string, low: number, high: number, digits = 2): Dimension => ({
  name,
  unit,
  low,
  high,
  digits,
})

const car = [dimension('position', 'm', -1.2, 0.6), dimension('velocity', 'm/step', -0.07, 0.07, 3)]

export const tasks: readonly TaskOfPage[] = [
  {
    id: 'CartPole-v1',
    title: 'CartPole',
    actions: ['push left', 'push right'],
    dimensions: [
      dimension('cart position', 'm', -2.4, 2.4),
      dimension('cart velocity', 'm/s', -3, 3),
      dimension('pole angle', 'rad', -0.25, 0.25, 3),
      dimension('pole velocity', 'rad/s', -3, 3),
    ],
    plane: [2, 3],
    trained: ['cartpole-a2c', 'cartpole-dqn'],
    algorithms: { ppo: 'cartpole-fast', dqn: 'cartpole-dqn', a2c: 'cartpole-a2c' },
    threshold: 475,
    random: 22,
    mostLabels: 200,
    gamma: 0.99,
    pace: 40,
  },
  {
    id: 'MountainCar-v0',
    title: 'MountainCar',
    actions: ['push left', 'coast', 'push right'],
    dimensions: car,
    plane: [0, 1],
    trained: ['mountaincar-dqn', 'mountaincar-ppo'],
    algorithms: { dqn: 'mountain-car-dqn' },
    threshold: -110,
    random: -200,
    mostLabels: 200,
    gamma: 0.99,
    pace: 30,
  },
  {
    id: 'Acrobot-v1',
    title: 'Acrobot',
    actions: ['torque −1', 'none', 'torque +1'],
    dimensions: [
      dimension('first angle', 'rad', -Math.PI, Math.PI),
      dimension('second angle', 'rad', -Math.PI, Math.PI),
      dimension('first velocity', 'rad/s', -6, 6),
      dimension('second velocity', 'rad/s', -10, 10),
    ],
    plane: [0, 1],
    trained: ['acrobot-a2c', 'acrobot-tuning-dqn'],
    algorithms: { ppo: 'acrobot-ppo', dqn: 'acrobot-dqn' },
    threshold: -100,
    random: -499,
    mostLabels: 200,
    gamma: 0.99,
    pace: 15,
  },
  {
    id: 'GridWorld-v0',
    title: 'Grid world',
    actions: ['left', 'down', 'right', 'up'],
    dimensions: [dimension('column', '', 0, 8, 0), dimension('row', '', 0, 8, 0)],
    plane: [0, 1],
    trained: [],
    algorithms: { 'q-learning': '' },
    threshold: -9,
    random: -80,
    mostLabels: 40,
    gamma: 1,
    pace: 4,
  },
  {
    id: 'MountainCarContinuous-v0',
    title: 'MountainCar, continuous force',
    actions: ['force'],
    continuous: true,
    dimensions: car,
    plane: [0, 1],
    trained: ['mountaincar-continuous-sac'],
    algorithms: { sac: 'mountain-car-continuous-sac' },
    threshold: 90,
    random: -33,
    mostLabels: 200,
    gamma: 0.99,
    pace: 30,
  },
  {
    id: 'Pendulum-v1',
    title: 'Pendulum, continuous torque',
    actions: ['torque'],
    continuous: true,
    dimensions: [dimension('angle', 'rad', -Math.PI, Math.PI), dimension('velocity', 'rad/s', -8, 8)],
    plane: [0, 1],
    trained: ['pendulum-sac'],
    algorithms: { sac: 'pendulum-sac', td3: 'pendulum-td3' },
    threshold: -200,
    random: -1200,
    mostLabels: 300,
    gamma: 0.99,
    pace: 20,
  },
]

/** Algorithm, environment steps and network of each trained file. */
export const shapes: Readonly<
  Record<string, { readonly algorithm: string; readonly steps: number; readonly options: object }>
> = {
  'cartpole-a2c': { algorithm: 'a2c', steps: 500_000, options: { hidden: [32, 32] } },
  'cartpole-dqn': { algorithm: 'dqn', steps: 50_000, options: { hidden: [64, 64], dueling: true } },
  'mountaincar-dqn': { algorithm: 'dqn', steps: 88_000, options: { hidden: [64, 64] } },
  'mountaincar-ppo': { algorithm: 'ppo', steps: 946_176, options: { hidden: [32, 32] } },
  'acrobot-a2c': { algorithm: 'a2c', steps: 378_000, options: { hidden: [32, 32] } },
  'acrobot-tuning-dqn': { algorithm: 'dqn', steps: 99_120, options: { hidden: [64, 64], dueling: true } },
  'mountaincar-continuous-sac': { algorithm: 'sac', steps: 11_500, options: { hidden: [64, 64] } },
  'pendulum-sac': { algorithm: 'sac', steps: 11_500, options: { hidden: [64, 64] } },
}

/** The map of the grid world: `#` wall, `T` terminal. Episodes start on any floor cell. */
export const gridMap = ['.......T', '.###.###', '.#.....#', '.#.##.##', '...#....', '.#...##.', '.####.#.', '........']

/** Throws a RangeError on an unknown id. */
export function taskOf(id: string): TaskOfPage {
  const found = tasks.find((each) => each.id === id)
  if (found === undefined) throw new RangeError(`there is no task "${id}"; choose one of ${tasks.map((t) => t.id)}`)
  return found
}

/** Targets by what they need of the teacher, as the menu groups them. */
export const targets = {
  policy: { group: 'Policy', title: 'policy (soft labels)', needs: 'scores' },
  hard: { group: 'Policy', title: 'best action alone (behaviour cloning)', needs: 'scores' },
  'q-softmax': { group: 'Action values', title: 'softmax of action values', needs: 'actionValues' },
  'q-mse': { group: 'Action values', title: 'action values, squared error', needs: 'actionValues' },
  'value-mse': { group: 'State values', title: 'state values, squared error', needs: 'stateValues' },
  'value-successors': {
    group: 'State values',
    title: 'order of successors',
    needs: 'stateValues',
  },
} as const

export type TargetChoice = keyof typeof targets

/** Targets whose labels have a temperature. */
export const withTemperature: readonly string[] = ['policy', 'q-softmax']

/** Ways to choose states: the options of `distill` that they stand for. */
export const selections = {
  dagger: { title: 'students’ play, far apart', options: {} },
  random: { title: 'students’ play, at random', options: { selection: 'random' } },
  teacher: { title: 'teacher’s play, far apart', options: { rounds: 1 } },
  sequential: { title: 'teacher’s play, in order', options: { rounds: 1, selection: 'sequential' } },
  box: { title: 'anywhere in a box around play', options: { rounds: 1, selection: 'box' } },
} as const

export type SelectionChoice = keyof typeof selections
