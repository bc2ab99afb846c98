"""Games of several moves, each as a POSG or an AECG from rules that a reader can check."""

from __future__ import annotations

from typing import Any

from gametheory.catalogue.entry import Entry, Kind


def _late(module: str, function: str, *arguments: Any) -> Any:
    """Build when asked: the rules load what the small games do not need."""
    from importlib import import_module

    return getattr(import_module(f"gametheory.catalogue.sequential.{module}"), function)(*arguments)


def _entry(name: str, title: str, source: str, build: Any, notes: str, **more: Any) -> Entry:
    return Entry(name, title, source, build, None, notes, complete=False, kind=Kind.SEQUENTIAL, **more)


ENTRIES = (
    _entry(
        "kuhn-poker",
        "Kuhn poker",
        "Kuhn, A simplified two-person poker, Contributions to the Theory of Games 1, 1950",
        lambda: _late("poker", "kuhn_poker"),
        "Worth -1/18 to the first agent.",
        agents=2,
        value="-1/18",
        tags=("zero-sum", "cards"),
    ),
    _entry(
        "kuhn-poker-3",
        "Kuhn poker, 3 agents",
        "Abou Risk & Szafron, Using counterfactual regret minimization to create competitive "
        "multiplayer poker agents, AAMAS 2010",
        lambda: _late("poker", "kuhn_poker", 3),
        "Four cards; a family of equilibria is known (Szafron, Gibson & Sturtevant, AAMAS 2013).",
        agents=3,
        tags=("cards",),
    ),
    _entry(
        "leduc-poker",
        "Leduc poker",
        "Southey et al., Bayes' bluff: opponent modelling in poker, UAI 2005",
        lambda: _late("poker", "leduc_poker"),
        "Worth about -0.085606 to the first agent.",
        agents=2,
        tags=("zero-sum", "cards"),
    ),
    _entry(
        "liars-dice-4",
        "Liar's dice, one die of 4 sides each",
        "Lisý, Lanctot & Bowling, Online Monte Carlo counterfactual regret minimization, AAMAS 2015",
        lambda: _late("dice", "liars_dice", 4),
        "8,177 nodes.",
        agents=2,
        tags=("zero-sum", "dice"),
    ),
    _entry(
        "liars-dice-6",
        "Liar's dice, one die of 6 sides each",
        "Lisý, Lanctot & Bowling, Online Monte Carlo counterfactual regret minimization, AAMAS 2015",
        lambda: _late("dice", "liars_dice", 6),
        "294,877 nodes.",
        agents=2,
        tags=("zero-sum", "dice"),
    ),
    _entry(
        "tic-tac-toe",
        "Tic-tac-toe",
        "folklore",
        lambda: _late("boards", "tic_tac_toe"),
        "A draw if both play well; 5,478 positions, 549,946 nodes.",
        agents=2,
        value="0",
        tags=("zero-sum", "perfect information"),
    ),
    _entry(
        "soccer",
        "Littman's soccer",
        "Littman, Markov games as a framework for multi-agent reinforcement learning, ICML 1994",
        lambda: _late("grids", "soccer"),
        "Discount 0.9; worth 0 by symmetry, as either has the ball first with probability 1/2.",
        agents=2,
        value="0",
        tags=("zero-sum", "stochastic game"),
    ),
    _entry(
        "pursuit",
        "Pursuit and evasion on a 3 × 3 grid",
        "after Isaacs, Differential Games, 1965; here on a grid",
        lambda: _late("grids", "pursuit"),
        "Discount 0.9; both see each other and move at once.",
        agents=2,
        tags=("zero-sum", "stochastic game"),
    ),
    *(
        _entry(
            f"goofspiel-{cards}",
            f"Goofspiel with {cards} cards",
            "Ross, Goofspiel: the game of pure strategy, Journal of Applied Probability 8, 1971",
            lambda cards=cards: _late("repeated", "goofspiel", cards),
            "Worth 0 by symmetry.",
            agents=2,
            value="0",
            tags=("zero-sum", "cards"),
        )
        for cards in (3, 4, 5)
    ),
    _entry(
        "tiger",
        "The tiger problem",
        "Kaelbling, Littman & Cassandra, Planning and acting in partially observable stochastic "
        "domains, Artificial Intelligence 101, 1998",
        lambda: _late("tiger", "tiger"),
        "A single agent; discount 0.95.",
        agents=1,
        tags=("cooperative", "POMDP"),
    ),
    _entry(
        "dec-tiger",
        "Dec-Tiger",
        "Nair et al., Taming decentralized POMDPs, IJCAI 2003",
        lambda: _late("tiger", "dec_tiger"),
        "Optima for horizons 2 to 5: -4, 5.190812, 4.802755, 7.026451 (Oliehoek et al., JAIR 46, 2013).",
        agents=2,
        tags=("cooperative", "Dec-POMDP"),
    ),
    _entry(
        "ticks",
        "Name the coin",
        "this project: why an agent must not count the steps at which it sees nothing",
        lambda: _late("ticks", "name_the_coin"),
        "Worth 1/2 to the namer; 1 if agents could count steps.",
        agents=2,
        tags=("counterexample",),
    ),
    _entry(
        "t-maze",
        "T-maze, corridor of 5",
        "Bakker, Reinforcement learning with long short-term memory, NIPS 2001",
        lambda: _late("memory", "t_maze"),
        "A single agent; discount 0.98. Worth 4 · 0.98^5 with memory, 1.95 · 0.98^5 without.",
        agents=1,
        value="282475249/78125000",
        tags=("memory", "POMDP"),
    ),
    _entry(
        "recall",
        "Recall of one of 2 symbols after 2 steps",
        "this project, after the delayed-response tasks of psychology (W. S. Hunter, 1913)",
        lambda: _late("memory", "recall"),
        "A single agent. Worth 1 with memory, 1/2 without.",
        agents=1,
        value="1",
        tags=("memory", "POMDP"),
    ),
    *(
        _entry(
            f"battle-of-the-sexes-{times}",
            f"Battle of the sexes, {times} rounds",
            "Luce & Raiffa, Games and Decisions, 1957, section 5.3, repeated",
            lambda times=times: _late("repeated", "battle_of_the_sexes", times),
            "Both see what was done; taking turns is an equilibrium.",
            agents=2,
            tags=("repeated",),
        )
        for times in (2, 3)
    ),
    _entry(
        "repeated-prisoners-dilemma",
        "Prisoner's dilemma, 5 rounds",
        "Luce & Raiffa, Games and Decisions, 1957, section 5.5",
        lambda: _late("dilemma", "prisoners_dilemma"),
        "Both see what was done. In every equilibrium both always defect; -10 each.",
        agents=2,
        tags=("repeated",),
    ),
    _entry(
        "endless-prisoners-dilemma",
        "Prisoner's dilemma, for ever",
        "Friedman, A non-cooperative equilibrium for supergames, Review of Economic Studies 38, 1971",
        lambda: _late("dilemma", "prisoners_dilemma", None, "9/10"),
        "Discount 0.9; both see the last round. Always defecting is an equilibrium, so are grim trigger and "
        "tit for tat (from 1/2 on).",
        agents=2,
        tags=("repeated",),
    ),
)
