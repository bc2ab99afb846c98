"""Numbers with their nouns, as messages say them."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """``1 seed``, ``2 seeds``, ``1,000 seeds``; a plural that is not the noun with an s is given."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
