"""A play as text: a change of a game's dynamics shows as a difference between two files."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory import streams
from gametheory.game import Game, Step
from gametheory.numerics import Array
from gametheory.simulate import random_actions


def playthrough(game: Game[Any], *, steps: int = 20, seed: int = 0) -> str:
    """One play under uniformly random legal actions, one line per step."""
    keys = streams.seed_keys(seed, 1)
    lines = [f"agents: {', '.join(game.agents)}"]
    lines += [
        f"{agent}: sees {_spec(seen)}, acts {_spec(acts)}"
        for agent, seen, acts in zip(game.agents, game.observation_specs, game.action_specs, strict=True)
    ]
    step = game.reset(keys)
    lines.append(f"start: sees {_row(step.observations)}")
    for t in range(1, steps + 1):
        if step.terminated[0]:
            break
        actions = random_actions(game, step.state, streams.derive(keys, t))
        step = game.step(step.state, actions)
        lines.append(f"{t}: {_row(actions)} -> {_outcome(step)}")
    return "\n".join(lines) + "\n"


def _outcome(step: Step[Any]) -> str:
    end = ", the end" if step.terminated[0] else ""
    rewards = ", ".join(f"{reward:.9g}" for reward in step.rewards[0])
    return f"rewards {rewards}; sees {_row(step.observations)}; discount {step.discount[0]:.9g}{end}"


def _row(arrays: tuple[Array, ...]) -> str:
    return " | ".join(" ".join(f"{value:.9g}" for value in np.ravel(array[0])) for array in arrays)


def _spec(spec: Any) -> str:
    if hasattr(spec, "low"):
        return f"box {spec.low.tolist()} to {spec.high.tolist()}"
    return f"one of {spec.size}"
