"""Errors that a user can mend: they name the thing, the place and the mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GameError(ValueError):
    """Bad input. The message is one line: what is wrong, where, and how to mend it."""


class UnknownName(GameError):
    """A name that is not registered; the message offers the nearest known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        if near:
            advice = f"did you mean {' or '.join(near)}?"
        else:
            advice = f"known: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}"
        super().__init__(f"unknown {kind} {name!r}; {advice}" + (f" ({hint})" if hint else ""))
        self.name, self.near = name, near


class LimitReached(RuntimeError):
    """A time or memory limit ended the work before it had an answer."""
