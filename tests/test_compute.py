"""The gate, the cache and the end of work that nobody waits for."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from PIL import Image

import resnet_core as rc
from app import compute
from app.selection import RANDOM, Net, Photo


def photo(colour: str) -> Photo:
    return Photo(digest=f"test:{colour}", title=colour, credit="", image=Image.new("RGB", (40, 40), colour))


NET = Net("resnet20", RANDOM)


def test_one_copy_of_a_network_a_server() -> None:
    with ThreadPoolExecutor(8) as pool:
        models = set(map(id, pool.map(lambda _: compute.model(Net("resnet32", RANDOM)), range(8))))
    assert len(models) == 1


def test_a_result_is_computed_once_and_shared() -> None:
    first = compute.prediction(NET, photo("teal"))
    again = compute.prediction(NET, Photo("test:teal", "another name", "", Image.new("RGB", (40, 40), "teal")))
    assert again is first
    assert compute.prediction(NET, photo("navy")) is not first


def test_a_cancelled_result_is_not_kept_and_the_gate_opens_again() -> None:
    class Stop(BaseException):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    for _ in range(2 * (os.cpu_count() or 1)):
        with pytest.raises(Stop):
            compute.attribution(NET, photo("olive"), 0, "saliency", progress=stop)
    record = compute.attribution(NET, photo("olive"), 0, "saliency")
    assert isinstance(record, rc.AttributionRecord)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("MPS backend out of memory (…)")],
)
def test_work_that_gets_no_memory_is_explained_and_the_gate_opens_again(error: Exception) -> None:
    for _ in range(2 * (os.cpu_count() or 1)):
        with pytest.raises(rc.ResNetCoreError, match="more memory than the machine has free"), compute.turn():
            raise error


def test_pytorchs_own_allocator_is_known_by_its_words() -> None:
    with pytest.raises(rc.ResNetCoreError, match="more memory than the machine has free"), compute.turn():
        torch.empty(2**55)


def test_other_errors_keep_their_names() -> None:
    with pytest.raises(RuntimeError, match="must match the size"), compute.turn():
        torch.ones(2) + torch.ones(3)


def test_at_most_one_worker_a_core() -> None:
    inside, most, lock = 0, 0, threading.Lock()
    ready = threading.Barrier(2 * (os.cpu_count() or 1))

    def work() -> None:
        nonlocal inside, most
        ready.wait()
        with compute.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.05)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(2 * (os.cpu_count() or 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == (os.cpu_count() or 1)
