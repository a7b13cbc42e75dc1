// Every capability of distillation and the test that shows it: the file and its title.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const shownBy: Readonly<Record<string, readonly [file: string, title: string]>> = {
  'agents teach': ['distill/teachers/teacher', 'gives the labels that its agent has outputs for'],
  'V = max Q': [
    'distill/collecting/collector',
    'keeps all outputs of the teacher, with V = max Q, and the returns that were seen',
  ],
  'an ensemble teaches': ['distill/ensemble', "has the mean of its members' probabilities"],
  'a function teaches': ['distill/function-teacher', 'is called once per state'],
  'Stable-Baselines3 teaches': [
    'rl/policies/sb3-policy',
    'labels states: logits and state values, or action values and',
  ],
  'SAC and TD3 teach': ['distill/continuous', 'keeps for each state what the teacher does there'],
  'a Gaussian of PPO teaches': ['distill/fit', 'learns mean and ln σ of a Gaussian %s'],
  'a label budget': ['distill/teachers/teacher', 'counts what it labels and refuses to label more than it may'],
  'labels without a teacher': ['distill/distill', 'learns from labels that exist already, without a teacher'],
  'a tree teaches': ['distill/teachers/teacher', 'by a decision tree'],

  'sequential selection': ['distill/collecting/collector', 'are all different, however often play returns to some'],
  'states drawn from greedy play': ['distill/collecting/collector', 'plays the teacher greedily but for epsilon'],
  'an epsilon per episode': [
    'distill/collecting/collector',
    'gives each episode its own share of random actions unless',
  ],
  'random play': ['distill/rounds', 'a teacher that cannot play, in whichever round it would'],
  'selection from a box': [
    'distill/collecting/selection',
    'spans the states that were visited, 1.5 interquartile ranges',
  ],
  DAgger: ['distill/rounds', 'train a student on all labels so far before each but the first'],
  'farthest selection': ['distill/collecting/selection', 'takes each time the farthest of the candidates'],
  'sizes of rounds': ['distill/collecting/collector', 'are one per 20 labels, from 5 to 10, unless given'],
  'no state twice, an exact budget': [
    'distill/collecting/collector',
    'fill up from the teacher’s play where a student meets',
  ],
  'a shared rollout': [
    'distill/collecting/collector',
    'selects many datasets from one rollout: nothing more is played',
  ],
  'returns of states': ['rl/recorded-play', 'has the returns to the end of each episode, however many copies'],
  'vector environments': ['rl/recorded-play', 'shares no start state with that of the next seed'],
  'action masks': ['rl/recorded-play', 'gives the masks of allowed actions to the player'],
  'continuous actions': ['distill/collecting/collector', 'has the same ways for continuous actions'],
  'β per step': ['distill/collecting/collector', 'the teacher with probability β per step, which decays by round'],
  'demonstrations alone': ['distill/imitation', 'learns from demonstrations alone: actions in states'],
  'counts of labels and steps': ['distill/dataset/dataset', 'keeps its counts when it is cleared'],
  provenance: ['distill/dataset/dataset', 'are the states of both, budgets and provenance included'],

  divergence: ['distill/fit', 'a loss that is not a number stops the training and names the step'],
  'standardized observations': ['distill/fit', 'are fused after an early end as well'],
  'any network': ['distill/distill', 'start a network that was given afresh each time'],
  'misfits found before play': ['distill/budget', 'before the first step'],
  resuming: ['distill/resume', 'goes on from every report as if it had not stopped, and asks no label twice'],
  'students of state values': ['distill/distill', 'warm or not, learn values in the last round alone'],
  'several tasks': ['distill/multi-task', 'shares its body, the same tensors, and has input and output layers'],
  VIPER: ['distill/viper', 'keeps the tree of the best mean return, of equals the last'],
  'values as critic': ['rl/policies/critics', 'starts with the given values'],
  kickstarting: ['rl/on-policy/teacher-losses', 'resumes bit for bit in A2C and in PPO'],
  QDagger: ['rl/value-based/qdagger', 'resumes from any yield bit for bit, the offline phase included'],
  'the weight of a teacher': ['rl/on-policy/teacher-losses', 'weights the teacher by the mean of the latest returns'],
}

it.each(Object.entries(shownBy))('%s', (_, [file, title]) => {
  expect(readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')).toContain(title)
})
