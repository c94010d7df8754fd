"""How the C library gives memory back to the machine.

PyTorch asks for aligned memory, and glibc (seen with 2.36) hardly finds a hole again that it could use for that. Where
small results are kept between large ones that are freed, the heap of a server grows for hours with nothing more in use.
"""

from __future__ import annotations

import ctypes

MMAP_THRESHOLD = -3  # `M_MMAP_THRESHOLD` of malloc.h
LARGE = 128 * 2**10  # bytes: where glibc begins, before it raises the limit to what was freed last, up to 32 MiB


def map_large_pieces() -> bool:
    """From now on every large piece of memory is a mapping of its own, which goes back as soon as it is freed.

    True if it is so, False where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl and macOS have none, and Windows no such library
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGE))
