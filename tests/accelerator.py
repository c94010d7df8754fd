"""An accelerator made of the CPU's own memory, for machines that have none.

Its tensors say that they lie on the device "lazy", which PyTorch knows and nobody uses here. The CPU computes with
them, so results can be compared digit for digit, but whoever mixes them with tensors of the CPU, or wants them to draw
from the CPU's generator, gets an error as from a GPU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map

FAR = torch.device("lazy")
CPU = torch.device("cpu")
REAL = [
    kind for kind, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())) if there
]
NONE_HERE = pytest.mark.skip(reason="PyTorch finds no accelerator on this machine; an NVIDIA or Apple GPU lifts this")
real = pytest.mark.parametrize("kind", REAL or [pytest.param("none", marks=NONE_HERE)])
MIXING = ("aten::copy_",)  # what may read both


class FarTensor(Tensor):
    """A tensor on the device; `near` holds its numbers."""

    near: Tensor

    @staticmethod
    def __new__(cls: type[FarTensor], near: Tensor) -> FarTensor:
        layout: dict[str, Any] = {"strides": near.stride(), "storage_offset": near.storage_offset()}
        far: FarTensor = Tensor._make_wrapper_subclass(cls, near.shape, dtype=near.dtype, device=FAR, **layout)
        far.near = near
        return far

    @classmethod
    def __torch_dispatch__(cls, func: Any, _types: Any, _args: Any = (), _kwargs: Any = None) -> Any:
        raise RuntimeError(f"{func} met a tensor of the accelerator after that was switched off")


class Accelerator(TorchDispatchMode):
    """Inside, there is the device; without `double` it knows no float64, as Apple's do not.

    `waits` counts what makes the caller wait for the device: numbers that are read, and tensors that are fetched.
    """

    def __init__(self, *, double: bool = True) -> None:
        super().__init__()
        self.double = double
        self.waits: Counter[str] = Counter()

    def __enter__(self) -> Accelerator:
        torch.__future__.set_overwrite_module_params_on_conversion(True)  # else numbers change behind a tensor's back
        self._literals = _Literals()
        self._literals.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._literals.__exit__(*error)
        torch.__future__.set_overwrite_module_params_on_conversion(False)

    def __torch_dispatch__(
        self, func: Any, _types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        tensors = [leaf for leaf in tree_iter((args, kwargs)) if isinstance(leaf, Tensor)]
        far = [tensor for tensor in tensors if isinstance(tensor, FarTensor)]
        device = kwargs.get("device") or (args[0].device if tensors and func.name() == "aten::copy_" else None)
        to_far = device == FAR if device is not None else bool(far)
        self._check(func.name(), tensors, far, to_far, kwargs)
        found = func(*tree_map(_near, args), **tree_map(_near, kwargs))
        if not to_far:
            if far:
                self.waits[func.name()] += 1
            return found
        back = {id(tensor.near): tensor for tensor in far}  # what works in place gives back what it was given
        return tree_map(lambda each: self._far(each, back) if isinstance(each, Tensor) else each, found)

    def _check(self, name: str, tensors: list[Tensor], far: list[Any], to_far: bool, kwargs: dict[str, Any]) -> None:
        large = [tuple(tensor.shape) for tensor in tensors if tensor.device == CPU and tensor.ndim]
        if far and large and name not in MIXING:
            raise RuntimeError(f"{name} was given tensors on the device and, of the shapes {large}, on the CPU")
        if to_far and kwargs.get("generator") is not None:
            raise RuntimeError(f"{name} was given a generator of the CPU for numbers on the device")
        if far and "upsample" in name and any(tensor.dtype == torch.uint8 for tensor in far):
            raise RuntimeError(f"{name} of uint8 is not implemented on the device")  # as on CUDA
        fetched = kwargs.get("dtype", torch.float32)
        if not self.double and far and fetched == torch.float64:
            raise TypeError(f"{name} asks the device for float64, which it does not know")

    def _far(self, near: Tensor, back: dict[int, FarTensor]) -> FarTensor:
        if not self.double and near.dtype == torch.float64:
            raise TypeError("float64 does not exist on the device")
        return back[id(near)] if id(near) in back else FarTensor(near)


class _Literals(TorchFunctionMode):
    """What is spelt out as `torch.tensor([...], device=...)`, which a dispatch mode does not get to see."""

    def __torch_function__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") == FAR:
            return func(*args, **{**kwargs, "device": CPU}).to(FAR)
        return func(*args, **kwargs)


def _near(value: Any) -> Any:
    if isinstance(value, FarTensor):
        return value.near
    return CPU if isinstance(value, torch.device) and value == FAR else value
