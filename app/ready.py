"""Whether this process has loaded PyTorch and everything that the pages need. Imports none of it."""

from __future__ import annotations

import threading

LOADED = threading.Event()
