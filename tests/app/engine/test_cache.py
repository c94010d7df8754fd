"""The caches: one computation for all who ask for it, a wait can be cancelled, and every cache has a bound."""

import sys
import threading
import weakref
from concurrent.futures import CancelledError, ThreadPoolExecutor
from importlib import import_module

import pytest
import torch
from cachetools import LRUCache
from PIL import Image

import resnet_core as rc
from app.engine import cache, compute
from app.engine.selection import OWN_FILE, Net, Photo
from app.engine.sizes import size_of
from app.engine.waiter import Waiter, waiter
from tests.serving import ROOT

MIB = 2**20
KEEPING = [  # every module of a page with a cache of its own
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "app").rglob("*.py")
    if "@cached(" in path.read_text(encoding="utf-8") and path.name != "cache.py"
]


def attributed(side: int) -> rc.AttributionRecord:
    """A record as the page caches it; 12 bytes a pixel in `raw`."""
    chart = torch.zeros(1, side, side)
    return rc.AttributionRecord("saliency", torch.zeros(1), chart, torch.zeros(1, 3, side, side), False, None, 0.0, {})


def test_sessions_that_want_the_same_get_one_result() -> None:
    calls: list[int] = []
    begun, over = threading.Event(), threading.Event()

    @cache.cached(LRUCache(4))
    def square(number: int, *, progress: object = None) -> list[int]:
        calls.append(number)
        begun.set()
        assert over.wait(30)
        return [number**2]

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(square, 3, progress="one watches")
        assert begun.wait(30)
        second = pool.submit(square, 3, progress="another watches")
        over.set()
        assert first.result() is second.result() is square(3)
    assert calls == [3]


def test_who_waits_for_anothers_result_may_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(BaseException):
        pass

    begun, over = threading.Event(), threading.Event()

    @cache.cached(LRUCache(4))
    def slow() -> str:
        begun.set()
        assert over.wait(30)
        return "done"

    def gone() -> None:
        raise Stop

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow)
        assert begun.wait(30)
        monkeypatch.setattr(cache, "raise_if_cancelled", gone)
        with pytest.raises(Stop):
            slow()
        over.set()
        assert first.result() == "done"
    assert slow() == "done"


def test_so_may_a_thread_that_draws_no_page() -> None:
    begun, over = threading.Event(), threading.Event()
    gone = threading.Event()

    @cache.cached(LRUCache(4))
    def slow() -> str:
        begun.set()
        assert over.wait(30)
        return "done"

    def leave(_done: int, _total: int) -> None:
        if gone.is_set():
            raise CancelledError

    of_nobody = {"initializer": waiter.set, "initargs": (Waiter(leave),)}
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1, **of_nobody) as other:
        first = one.submit(slow)
        assert begun.wait(30)
        second = other.submit(slow)
        gone.set()
        with pytest.raises(CancelledError):
            second.result(30)
        over.set()
        assert first.result() == "done"


def test_ever_new_results_never_take_more_than_the_cache_may_hold() -> None:
    alive: weakref.WeakSet[torch.Tensor] = weakref.WeakSet()

    @cache.cached(cache.new_cache(4))
    def mapped(number: int) -> rc.AttributionRecord:
        record = attributed(16 + number % 200)
        alive.update((record.raw, record.map))
        return record

    for number in range(600):
        mapped(number)
    held = sum(tensor.nbytes for tensor in alive)
    assert 3 * MIB < held <= 4 * MIB
    assert mapped(599) is mapped(599)


def test_a_result_keeps_no_record_that_it_was_made_of() -> None:
    @cache.cached(cache.new_cache(1))
    def painted(*titled: tuple[str, rc.AttributionRecord], of: rc.AttributionRecord) -> str:
        return f"{[title for title, _ in titled]} {of.map.shape}"

    one, other = attributed(8), attributed(8)
    assert painted(("one", one), of=other) is painted(("one", one), of=other)
    assert painted(("one", one), of=other) is not painted(("one", other), of=one)
    gone = [weakref.ref(one), weakref.ref(other)]
    del one, other
    assert [record() for record in gone] == [None, None]
    assert painted(("one", attributed(8)), of=attributed(9)).endswith("9])")  # never what another record gave


def test_a_result_keeps_no_photo_and_no_file_that_it_was_made_of() -> None:
    """Both stand in the keys, which no bound counts: a thousand answers must not keep a thousand photos."""

    @cache.cached(cache.new_cache(1))
    def answer(net: Net, photo: Photo, *, of: tuple[Photo, ...] = ()) -> str:
        return f"{photo.title}, {net.file_name}, {len(of)}"

    image, content = Image.new("RGB", (8, 8)), bytes(1000)
    held = sys.getrefcount(content)
    photo, net = Photo("a digest", "mine.png", "", image), Net("resnet20", OWN_FILE, "another", "mine.pth", content)
    assert answer(net, photo, of=(photo,)) == "mine.png, mine.pth, 1"
    watched = [weakref.ref(each) for each in (image, photo, net)]
    del image, photo, net
    assert [each() for each in watched] == [None] * 3
    assert sys.getrefcount(content) == held  # of bytes there is no weak reference
    again = Photo("a digest", "the same", "", Image.new("RGB", (8, 8)))
    assert answer(Net("resnet20", OWN_FILE, "another"), again, of=(again,)) == "mine.png, mine.pth, 1"
    assert answer(Net("resnet20", OWN_FILE, "a third"), again, of=(again,)) == "the same, , 1"


def test_the_two_large_caches_hold_what_is_said_of_them() -> None:
    seen = rc.capture(rc.build("resnet18", seed=0).eval(), torch.zeros(1, 3, 224, 224))
    deepest = rc.build("resnet152", device="meta").state_dict().values()
    assert 100 * size_of(seen) <= compute.record.cache.maxsize == compute.RECORDS * MIB  # a hundred photos
    weights = sum(each.numel() * each.element_size() for each in deepest)
    assert 8 * weights <= compute.model.cache.maxsize == compute.WEIGHTS * MIB


def test_every_result_of_the_app_has_its_cache_and_the_readme_says_how_much_that_is() -> None:
    caches = {
        id(made.cache): made.cache
        for module in map(import_module, KEEPING)
        for made in vars(module).values()
        if hasattr(made, "cache")
    }.values()
    assert len(caches) == 76
    assert all(each.getsizeof is size_of for each in caches)
    gib = compute.WEIGHTS // 1024, compute.RECORDS // 1024
    others = sum(each.maxsize for each in caches) // MIB - compute.WEIGHTS - compute.RECORDS
    readme = " ".join((ROOT / "app/README.md").read_text().split())
    said = "{} GiB of weights, {} GiB of what blocks did, {} MiB of all else".format(*gib, others)
    assert said in readme
