"""Whether this process has loaded PyTorch and all that the pages need. Loads none of it."""

from __future__ import annotations

import threading

LOADED = threading.Event()
