"""Freed memory stays with the process.

The C library gives large blocks back to the system as soon as they are free. An update of wide networks frees and
asks for the same tens of megabytes every time, and the system hands out every page anew, zeroed: up to a tenth of
the time, and more inside virtual machines.
"""

from __future__ import annotations

import ctypes
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Numbers of the options in glibc's ``malloc.h``."""
BLOCK, KEPT = 2**25, 2**28
"""Bytes: of the largest block that comes from what is kept (a replay is larger), and of what is kept."""


@cache
def keep_freed() -> None:
    """Say so to the C library, once per process; nothing where it has no ``mallopt``."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(M_MMAP_THRESHOLD, BLOCK)
    mallopt(M_TRIM_THRESHOLD, KEPT)
