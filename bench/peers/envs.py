"""CartPole-v1 and Pendulum-v1 with Gymnasium's dynamics: one copy at a time, and many copies of CartPole in NumPy."""

import math

import numpy as np

GRAVITY, CART, POLE, HALF_LENGTH, FORCE, TAU = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
MOST_X, MOST_ANGLE = 2.4, 12 * 2 * math.pi / 360


def cartpole_motion(x, speed, angle, spin, force, lib):
    """The next state by Euler's method; numbers with lib=math, arrays with lib=np."""
    cos, sin = lib.cos(angle), lib.sin(angle)
    push = (force + POLE * HALF_LENGTH * spin * spin * sin) / (CART + POLE)
    turn = (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - POLE * cos * cos / (CART + POLE)))
    pull = push - POLE * HALF_LENGTH * turn * cos / (CART + POLE)
    return x + TAU * speed, speed + TAU * pull, angle + TAU * spin, spin + TAU * turn


class CartPole:
    """Observation [4], actions 0 and 1; reward 1 a step; truncated after 500 steps."""

    size, num_actions = 4, 2

    def __init__(self, rng):
        self.rng = rng

    def reset(self):
        self.state, self.steps = self.rng.uniform(-0.05, 0.05, 4).tolist(), 0
        return self.state

    def step(self, action):
        self.state = cartpole_motion(*self.state, FORCE if action == 1 else -FORCE, math)
        self.steps += 1
        terminated = abs(self.state[0]) > MOST_X or abs(self.state[2]) > MOST_ANGLE
        return self.state, 1.0, terminated, self.steps >= 500


class Pendulum:
    """Observation (cos, sin, spin), a torque in [-2, 2]; truncated after 200 steps."""

    size, action_size, low, high = 3, 1, -2.0, 2.0

    def __init__(self, rng):
        self.rng = rng

    def reset(self):
        self.angle, self.spin = self.rng.uniform(-math.pi, math.pi), self.rng.uniform(-1, 1)
        self.steps = 0
        return math.cos(self.angle), math.sin(self.angle), self.spin

    def step(self, action):
        torque = min(2.0, max(-2.0, float(action[0])))
        off = (self.angle + math.pi) % (2 * math.pi) - math.pi
        reward = -(off**2 + 0.1 * self.spin**2 + 0.001 * torque**2)
        self.spin = min(8.0, max(-8.0, self.spin + (15 * math.sin(self.angle) + 3 * torque) * 0.05))
        self.angle += self.spin * 0.05
        self.steps += 1
        return (math.cos(self.angle), math.sin(self.angle), self.spin), reward, False, self.steps >= 200


class VectorCartPole:
    """`count` copies in arrays; a copy restarts within the step that ends its episode."""

    def __init__(self, count, rng):
        self.rng = rng
        self.state = rng.uniform(-0.05, 0.05, (4, count)).astype(np.float32)
        self.steps = np.zeros(count, np.int32)

    def step(self, actions):
        """Observations [4, count], rewards, terminated, truncated, each [count]."""
        force = np.where(actions == 1, np.float32(FORCE), np.float32(-FORCE))
        self.state = np.stack(cartpole_motion(*self.state, force, np))
        self.steps += 1
        terminated = (np.abs(self.state[0]) > MOST_X) | (np.abs(self.state[2]) > MOST_ANGLE)
        truncated = self.steps >= 500
        ended = np.flatnonzero(terminated | truncated)
        if ended.size > 0:
            self.state[:, ended] = self.rng.uniform(-0.05, 0.05, (4, ended.size))
            self.steps[ended] = 0
        return self.state, np.ones_like(force), terminated, truncated


SINGLE = {"CartPole-v1": CartPole, "Pendulum-v1": Pendulum}
