"""Running Coq, and reading the terms it prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

PROOFS = Path(__file__).parents[2] / "proofs"
REQUIRED = re.compile(r"^From Equilibrist Require (?:Import )?(.*)\.$", re.MULTILINE)
NUMBER = r"-?(?:0x[0-9a-f]+|\d+)(?:\.[0-9a-f]+)?"
TOKEN = re.compile(rf"{NUMBER}|[A-Za-z][\w.']*|%\w+|\S")
SCOPES = ("%Q", "%xQ", "%nat")


def printed(text: str, folder: Path) -> list:
    """What Coq prints for each ``Eval`` of the text, as terms; compiled in ``folder``.

    Raises:
        RuntimeError: Coq rejects the text; the message is Coq's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in _needed(text):
        shutil.copy(PROOFS / f"{name}.v", folder)
        _compile(folder, name)
    (folder / "Bridge.v").write_text(text, encoding="utf-8")
    answers = re.findall(r"^ +=(.*?)^ +: ", _compile(folder, "Bridge"), re.MULTILINE | re.DOTALL)
    return [read(answer) for answer in answers]


def _needed(text):
    """The proof's files that a text builds on, each after those it builds on itself."""
    out = dict.fromkeys(())
    for name in " ".join(REQUIRED.findall(text)).split():
        out |= dict.fromkeys([*_needed((PROOFS / f"{name}.v").read_text(encoding="utf-8")), name])
    return list(out)


def _compile(folder, name):
    command = ["coqc", "-Q", ".", "Equilibrist", f"{name}.v"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}.v: {done.stderr}")
    return done.stdout


def read(text: str):
    """A printed term: numbers, booleans, lists, tuples, and ``(constructor, arguments…)``.

    ``Some x`` is read as x, ``None`` as None, a constructor without arguments as its name; the names
    of modules are left out. A pair of pairs is one tuple, as Coq prints it.

    Raises:
        ValueError: it is not such a term.
    """
    tokens = [token for token in TOKEN.findall(text) if token not in SCOPES][::-1]
    term = _term(tokens)
    if tokens:
        raise ValueError(f"unread after the term: {' '.join(tokens[::-1][:20])}")
    return term


def _term(tokens):
    parts = [_atom(tokens)]
    while tokens and (tokens[-1] in "([" or tokens[-1][0].isalnum()):
        parts.append(_atom(tokens))
    if len(parts) == 1:
        return parts[0]
    return parts[1] if parts[0] == "Some" else tuple(parts)


def _atom(tokens):
    token = tokens.pop()
    if token == "(":
        items = _until(tokens, ",", ")")
        return items[0] if len(items) == 1 else tuple(items)
    if token == "[":
        if tokens[-1] == "]":
            tokens.pop()
            return []
        return _until(tokens, ";", "]")
    if re.fullmatch(NUMBER, token):
        if tokens and tokens[-1] == "#":
            tokens.pop()
            return Fraction(_number(token), _number(tokens.pop()))
        return _number(token)
    if not token[0].isalpha():
        raise ValueError(f"unexpected {token}")
    name = token.split(".")[-1]
    return {"true": True, "false": False, "None": None}.get(name, name)


def _number(token):
    """Coq writes 1/10 as 0.1 and 1/16 as 0x0.1."""
    base = 16 if "0x" in token else 10
    whole, _, rest = token.partition(".")
    return Fraction(int(whole + rest, base), base ** len(rest)) if rest else int(whole, base)


def _until(tokens, separator, end):
    items = [_term(tokens)]
    while (token := tokens.pop()) == separator:
        items.append(_term(tokens))
    if token != end:
        raise ValueError(f"expected {end}, found {token}")
    return items
