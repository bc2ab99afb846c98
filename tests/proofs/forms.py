"""The shapes of the games on which the proof's conversions and the code's are compared."""

from __future__ import annotations

from dataclasses import dataclass

from drawn import Drawn


@dataclass(frozen=True)
class PosgForm:
    name: str
    states: int
    actions: tuple[int, ...]
    sizes: tuple[int, ...]
    kernel: str = "factored"  # or "joint"; "blind" is factored and the same for all actions
    first: str = "start"  # or "factored" or "joint"
    null: tuple[tuple[int, int], ...] = ()  # pairs (state, agent)
    terminal: tuple[int, ...] = ()
    outcomes: int = 1
    legal: bool = False


@dataclass(frozen=True)
class AecgForm:
    name: str
    states: int
    actions: tuple[int, ...]
    sizes: tuple[int, ...]
    null: tuple[tuple[int, int], ...] = ()
    terminal: tuple[int, ...] = ()
    outcomes: int = 1
    legal: bool = False
    start: tuple[int, int] = (0, 0)


def drawn_posg_form(k: int) -> PosgForm:
    """One more form, drawn by its number."""
    drawn = Drawn(f"POSG {k}")
    return PosgForm(
        **_drawn_sizes(drawn, 2),
        kernel=("factored", "joint", "blind")[drawn.whole(0, 2, "kernel")],
        first=("start", "factored", "joint")[drawn.whole(0, 2, "first")],
    )


def drawn_aecg_form(k: int) -> AecgForm:
    """One more form, drawn by its number."""
    drawn = Drawn(f"AECG {k}")
    sizes = _drawn_sizes(drawn, 3)
    start = drawn.whole(0, sizes["states"] - 1, "s_0"), drawn.whole(0, len(sizes["actions"]), "i_0")
    return AecgForm(**sizes, start=start)


def _drawn_sizes(drawn, least):
    n, S = drawn.whole(1, 3, "agents"), drawn.whole(least, 4, "states")
    places = [(s, i) for s in range(S) for i in range(n)]
    return {
        "name": f"drawn: {drawn.name}",
        "states": S,
        "actions": tuple(drawn.whole(1, 3 if n < 3 else 2, "actions", i) for i in range(n)),
        "sizes": tuple(drawn.whole(1, 3 if n < 3 else 2, "symbols", i) for i in range(n)),
        "null": tuple(place for place in places if drawn.whole(0, 4, "⊥", *place) == 0),
        "terminal": tuple(s for s in range(S) if drawn.whole(0, 5, "end", s) == 0),
        "outcomes": drawn.whole(1, 2, "outcomes"),
        "legal": drawn.whole(0, 1, "legal") == 1,
    }


POSGS = (
    PosgForm("alone", 2, (2,), (2,)),
    PosgForm("alone, ⊥ at times", 3, (2,), (2,), null=((1, 0),), outcomes=2),
    PosgForm("alone, correlated from the first", 2, (3,), (2,), kernel="joint", first="joint"),
    PosgForm("blind to actions", 2, (2, 2), (2, 2), kernel="blind"),
    PosgForm(
        "blind to actions, ⊥ and an end", 3, (2, 2), (2, 1), "blind", null=((0, 1), (1, 0)), terminal=(2,)
    ),
    PosgForm("factored", 2, (2, 2), (2, 2), outcomes=2),
    PosgForm(
        "factored, first observed, ⊥", 3, (2, 2), (2, 2), first="factored", null=((1, 1), (2, 0), (2, 1))
    ),
    PosgForm("factored, first observed together", 3, (2, 2), (2, 2), first="joint", terminal=(1,)),
    PosgForm("joint", 2, (2, 2), (2, 2), kernel="joint", outcomes=2),
    PosgForm("joint, ⊥ and an end", 3, (2, 2), (2, 2), "joint", null=((0, 1), (1, 0)), terminal=(2,)),
    PosgForm("joint, first each its own", 2, (2, 2), (2, 3), "joint", "factored", null=((1, 0),), legal=True),
    PosgForm(
        "joint from the first, legal sets", 3, (3, 2), (2, 2), "joint", "joint", ((0, 0),), (2,), 2, True
    ),
    PosgForm("factored, legal sets", 3, (2, 3), (2, 2), null=((2, 1),), legal=True),
    PosgForm("three agents", 2, (2, 2, 2), (2, 1, 2), null=((0, 1), (1, 2)), legal=True),
    PosgForm("three agents, joint", 3, (2, 1, 2), (2, 2, 1), "joint", "joint", ((1, 2),), (2,), 2),
    PosgForm("ended before it began", 2, (2, 2), (2, 2), kernel="joint", terminal=(0, 1)),
    *(drawn_posg_form(k) for k in range(12)),
)

AECGS = (
    AecgForm("one agent and chance", 3, (2,), (2,), start=(0, 1)),
    AecgForm("one agent, ⊥ at times", 4, (2,), (2,), null=((1, 0), (2, 0)), outcomes=2),
    AecgForm("two agents", 3, (2, 2), (2, 2), outcomes=2),
    AecgForm("two agents, ⊥ and an end", 4, (2, 3), (2, 2), ((0, 0), (2, 1)), (3,), 2, start=(1, 1)),
    AecgForm("two agents, legal sets", 4, (3, 2), (2, 3), ((1, 0),), (2,), 1, True, (0, 2)),
    AecgForm("three agents", 3, (2, 2, 2), (2, 1, 2), ((2, 2),), (), 2, True, (0, 3)),
    AecgForm("ended before it began", 2, (2,), (2,), terminal=(0,)),
    *(drawn_aecg_form(k) for k in range(8)),
)
