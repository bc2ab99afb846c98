"""Formal games, conversions that change nothing, and certified equilibria."""

from gametheory.aecg import AECG
from gametheory.best_response import best_response
from gametheory.certificates.sequential import certify_sequential
from gametheory.certify import Certificate, certify, nash_conv
from gametheory.classify import classify
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.equivalence import check_equivalence
from gametheory.evaluate import evaluate
from gametheory.files import read, write
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.solution import Solution
from gametheory.solve import solve
from gametheory.tabulate import tabulate

__all__ = [
    "AECG",
    "POSG",
    "Certificate",
    "NormalForm",
    "Solution",
    "aecg_to_posg",
    "best_response",
    "certify",
    "certify_sequential",
    "check_equivalence",
    "classify",
    "evaluate",
    "load",
    "nash_conv",
    "posg_to_aecg",
    "read",
    "solve",
    "tabulate",
    "write",
]
