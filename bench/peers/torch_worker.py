"""PyTorch and NumPy at the works of `npm run bench:peers`. One JSON request a line on stdin, one answer a line on stdout.

Request: {"work", "peer", "budget": milliseconds}. Answer: {"value": a sample in the work's unit, the first one a warm-up} or {"none": why there is none}.
OMP_NUM_THREADS sets the number of threads.
"""

import json
import pathlib
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import torch_rl
from envs import VectorCartPole

LOOPS = json.loads((pathlib.Path(__file__).parent / "loops.json").read_text())
rng = np.random.default_rng(1)


def normal(*shape):
    return rng.standard_normal(shape, dtype=np.float32)


def matmul(n):
    a, b = torch.from_numpy(normal(n, n)), torch.from_numpy(normal(n, n))

    @torch.inference_mode()
    def call():
        torch.mm(a, b)

    return call, lambda seconds: 2 * n**3 / seconds / 1e9


def train_step(sizes, batch, fused, compiled):
    network = torch_rl.mlp(sizes)
    forward = torch.compile(network) if compiled else network
    optimizer = torch.optim.Adam(network.parameters(), fused=fused)
    x, y = normal(batch, sizes[0]), normal(batch, sizes[-1])

    def call():
        loss = F.mse_loss(forward(torch.from_numpy(x)), torch.from_numpy(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return call, lambda seconds: seconds * 1e6


def act(sizes, compiled):
    network = torch_rl.mlp(sizes)
    forward = torch.compile(network) if compiled else network
    observation = normal(sizes[0])

    @torch.inference_mode()
    def call():
        return int(forward(torch.from_numpy(observation)).argmax())

    return call, lambda seconds: seconds * 1e6


def cartpole(count):
    envs = VectorCartPole(count, rng)
    actions = rng.integers(0, 2, (256, count))

    def call():
        for each in actions:
            envs.step(each)

    return call, lambda seconds: len(actions) * count / seconds


def loop(name, fused):
    parts = LOOPS[name]
    steps, options = parts["sample"]["steps"], {**parts["options"], **parts["sample"]["options"]}

    def call():
        torch_rl.FUSED = fused
        torch_rl.run(name, parts, steps, options)

    return call, lambda seconds: steps / seconds


def prepare(work, peer):
    """A call, and the function from its seconds to the unit; None if the peer has nothing of its own there."""
    kind, *rest = work.split("/")
    fused, compiled = "fused" in peer, "compile" in peer
    if (kind == "env") != (peer == "numpy"):
        return None
    if kind == "env":
        return cartpole(int(rest[1]))
    if kind == "matmul":
        return None if fused or compiled else matmul(int(rest[0]))
    if kind == "loop":
        is_absent = compiled or (fused and (rest[0] == "a2c" or torch.get_num_threads() > 1))  # A2C has RMSProp
        return None if is_absent else loop(rest[0], fused)
    sizes = [int(size) for size in rest[0].split("-")]
    if kind == "act":
        return None if fused else act(sizes, compiled)
    return train_step(sizes, int(rest[1]), fused or compiled, compiled)


def seconds_of(call, count):
    started = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - started) / count


def main():
    key, ready, count = None, None, 1
    for line in sys.stdin:
        request = json.loads(line)
        answer = {}
        try:
            is_new = key != (request["work"], request["peer"])
            if is_new:  # finds the calls of a sample
                key = (request["work"], request["peer"])
                ready, count = prepare(*key), 1
                if ready is not None:
                    budget = request["budget"] / 1000
                    while (seconds := seconds_of(ready[0], count)) * count < budget / 4:
                        count *= 2
                    count = max(1, round(budget / seconds))
            elif count > 1:  # warms up again after the other packages' samples
                seconds_of(ready[0], count)
            if count > 1 or (ready is not None and not is_new):
                seconds = seconds_of(ready[0], count)
            answer = {"none": "does not apply"} if ready is None else {"value": ready[1](seconds)}
        except Exception as error:
            lines = str(error).strip().split("\n")
            reason = next((line for line in lines if "fatal error" in line), lines[0])
            ready, answer = None, {"none": f"{type(error).__name__}: {reason[-300:]}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
