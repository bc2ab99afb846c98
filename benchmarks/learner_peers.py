"""How many updates a second, and how long is a whole run, beside AgileRL? One process, one thread, by turns.

Both do the same work: one gradient step of every agent's critics, and of the actors when due; batches drawn from
a replay of random transitions; ReLU; two hidden layers of the same number of multiplications (AgileRL's encoder
of width h, latent h/2, head of width h has as many as h × h). ``--whole`` runs 25,000 environment steps of
simple_spread with one update per five steps instead: AgileRL on ``mpe2``, as its tutorials do, ours by
``benchmarks/end_to_end.py``. Needs agilerl and mpe2 (``pip install 'equilibrist[learner-peers]'``).

    python benchmarks/learner_peers.py [--repeats 5] [--json]
    python benchmarks/learner_peers.py --whole --seeds 1
"""

# ruff: noqa: E402 (threads are set before torch is imported)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"

import json
import statistics
import time
from typing import Any

import click
import end_to_end
import numpy as np
import torch
from learner_updates import experience, particles, rate
from rich.console import Console
from rich.table import Table

from gametheory import streams
from gametheory.game import Box
from learners.registry import make

try:
    from agilerl.algorithms import MADDPG, MATD3
    from agilerl.components.multi_agent_replay_buffer import MultiAgentReplayBuffer
    from gymnasium import spaces
except ImportError:
    click.echo("agilerl is not installed, nothing is compared; pip install 'equilibrist[learner-peers]'")
    raise SystemExit(0) from None

AGENTS = ("agent_0", "agent_1", "agent_2")
FIELDS = ["obs", "action", "reward", "next_obs", "done"]
STORED = 20_000
PEERS = {"maddpg": MADDPG, "matd3": MATD3}
Peer = Any


def networks(hidden: int) -> dict[str, Any]:
    return {
        "encoder_config": {"hidden_size": [hidden]},
        "latent_dim": hidden // 2,
        "max_latent_dim": hidden,
        "head_config": {"hidden_size": [hidden]},
    }


def peer(name: str, seen: Any, moves: Any, hidden: int, batch: int) -> Peer:
    """An AgileRL agent with its defaults elsewhere."""
    made: type[Any] = PEERS[name]
    return made([seen] * 3, [moves] * 3, list(AGENTS), net_config=networks(hidden), batch_size=batch)


def filled() -> MultiAgentReplayBuffer:
    """A peer's replay, full of random numbers."""
    buffer = MultiAgentReplayBuffer(STORED, FIELDS, list(AGENTS))
    numbers = streams.normal(streams.seed_keys(0, STORED), 0, 18).astype(np.float32)
    for seen in numbers:
        buffer.save_to_memory(
            dict.fromkeys(AGENTS, seen),
            dict.fromkeys(AGENTS, np.clip(seen[:2], -1, 1)),
            dict.fromkeys(AGENTS, float(seen[2])),
            dict.fromkeys(AGENTS, seen[::-1].copy()),
            dict.fromkeys(AGENTS, False),
        )
    return buffer


def peer_rate(agent: Peer, buffer: MultiAgentReplayBuffer, batch: int, seconds: float) -> float:
    count, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        for _ in range(5):
            agent.learn(buffer.sample(batch))
        count += 5
    return count / elapsed


def compared(name: str, hidden: int, batch: int, buffer: Any, repeats: int, seconds: float) -> dict[str, Any]:
    """Medians over the repeats, and the median of the ratios of neighbours in time."""
    work = particles(Box([-1.0, -1.0], [1.0, 1.0]), name, batch, hidden, "relu")
    own = make(name, work.observations, work.actions, seed=0, settings=work.settings)
    own.observe(experience(work, STORED, 0))
    other = peer(name, spaces.Box(-np.inf, np.inf, (18,)), spaces.Box(-1, 1, (2,)), hidden, batch)
    rate(own, 1.0), peer_rate(other, buffer, batch, 1.0)  # warm up
    pairs = [(rate(own, seconds), peer_rate(other, buffer, batch, seconds)) for _ in range(repeats)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return {"algorithm": name, "hidden": hidden, "batch": batch} | {
        "ours": ours,
        "agilerl": theirs,
        "ratio": ratio,
    }


def peer_run(seed: int, hidden: int) -> dict[str, float]:
    """AgileRL's loop on one environment: act, store, learn every fifth step; then fresh plays without noise."""
    from mpe2 import simple_spread_v3

    np.random.seed(seed)  # noqa: NPY002, TID251 (the peer draws its noise and batches from it)
    torch.manual_seed(seed)
    env = simple_spread_v3.parallel_env(max_cycles=end_to_end.LIMIT, continuous_actions=True)
    first, _ = env.reset(seed=seed)
    seen, moves = env.observation_space(AGENTS[0]), env.action_space(AGENTS[0])
    began, processor = time.perf_counter(), time.process_time()
    agent = peer("maddpg", seen, moves, hidden, end_to_end.BATCH)
    buffer = MultiAgentReplayBuffer(100_000, FIELDS, list(AGENTS))
    agent.set_training_mode(True)
    observations = first
    for step in range(end_to_end.STEPS):
        taken, raw = agent.get_action({name: observations[name][None] for name in AGENTS})
        following, rewards, ended, cut, _ = env.step({name: taken[name][0] for name in AGENTS})
        stored = {name: raw[name][0] for name in AGENTS}
        buffer.save_to_memory(observations, stored, rewards, following, ended)
        observations = following
        if any(cut.values()) or any(ended.values()):
            observations, _ = env.reset()
            agent.reset_action_noise([0])
        if len(buffer) >= end_to_end.BATCH and step % end_to_end.EVERY == 0:
            agent.learn(buffer.sample(end_to_end.BATCH))
    spent = {"seconds": time.perf_counter() - began, "processor": time.process_time() - processor}
    agent.set_training_mode(False)
    total = 0.0
    for k in range(end_to_end.PLAYS):
        observations, _ = env.reset(seed=end_to_end.EVALUATION + k)
        while env.agents:
            taken, _ = agent.get_action({name: observations[name][None] for name in AGENTS})
            observations, rewards, *_ = env.step({name: taken[name][0] for name in AGENTS})
            total += sum(rewards.values())
    return spent | {"return": total / end_to_end.PLAYS}


def show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"torch": torch.__version__, "threads": 1, "rows": rows}, indent=2))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(
            *(f"{value:,.3g}" if isinstance(value, float) else str(value) for value in row.values())
        )
    Console().print(table)


@click.command(help=__doc__)
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(min=1))
@click.option("--seconds", default=2.0, show_default=True, help="Length of one repeat.")
@click.option("--whole", is_flag=True, help="Whole runs instead of updates.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1), help="Of whole runs.")
@click.option("--hidden", default=64, show_default=True, help="Of whole runs.")
@click.option("--plays", default=25, show_default=True, help="Of our whole runs, side by side.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def main(
    repeats: int, seconds: float, whole: bool, seeds: int, hidden: int, plays: int, as_json: bool
) -> None:
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    if whole:
        for seed in range(seeds):
            rows.append({"who": "ours", "seed": seed} | end_to_end.run("maddpg", seed, plays, hidden))
            rows[-1].pop("updates")
            rows.append({"who": "agilerl", "seed": seed} | peer_run(seed, hidden))
    else:
        buffer = filled()
        for name in PEERS:
            for hidden in (64, 256):
                for batch in (256, 1024):
                    rows.append(compared(name, hidden, batch, buffer, repeats, seconds))
    show(rows, as_json)


if __name__ == "__main__":
    main()
