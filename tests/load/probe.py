"""Streamlit in a process that counts its own networks: `python tests/load/probe.py FILE TIMES run app/main.py`.

On the signal USR1 it gives back to the machine what it does not use any more, which else only happens now and then, and
writes a line of JSON into FILE. The caches are TIMES smaller. Nothing else differs from `python -m streamlit`.
"""

from __future__ import annotations

import ctypes
import gc
import json
import signal
import sys
from pathlib import Path

from cachetools import LRUCache
from streamlit.web.cli import main


def count(into: Path) -> None:
    """How many copies of its weights each network has, the bytes of all weights, and of all that the caches hold."""
    gc.unfreeze()  # what the server leaves out of its own searches counts here
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    firsts: dict[str, set[int]] = {}
    weights: dict[int, int] = {}
    kept = 0
    if "torch" in sys.modules:
        from app.engine.sizes import size_of
        from resnet_core.nets.model import ResNet

        caches = [each for each in gc.get_objects() if isinstance(each, LRUCache) and each.getsizeof is size_of]
        kept = sum(each.currsize for each in caches)

        for model in [each for each in gc.get_objects() if issubclass(type(each), ResNet)]:
            name = f"{model.title} · {model.weights.id if model.weights else 'random'}"
            tensors = [*model.parameters(), *model.buffers()]
            firsts.setdefault(name, set()).add(tensors[0].untyped_storage().data_ptr())
            weights |= {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}
    copies = {name: len(places) for name, places in firsts.items()}
    found = {"copies": copies, "weights": sum(weights.values()), "kept": kept}
    whole = into.with_suffix(".new")
    whole.write_text(json.dumps(found))
    whole.rename(into)


def shrink(times: int) -> None:
    """Smaller caches, so that they are full early."""
    from app.engine import cache

    new_cache = cache.new_cache
    cache.new_cache = lambda mebibytes: new_cache(max(1, mebibytes // times))


if __name__ == "__main__":
    file, times = Path(sys.argv.pop(1)), int(sys.argv.pop(1))
    if times > 1:
        shrink(times)
    signal.signal(signal.SIGUSR1, lambda *_: count(file))
    main(prog_name="streamlit")
