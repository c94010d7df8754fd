"""What work on a model could leave behind on it, so that a test can see that nothing is."""

from __future__ import annotations

from torch import Tensor, nn


def fingerprint(model: nn.Module) -> list[object]:
    """Everything about a model that work on it could change, its tensors by identity and by value."""
    state: list[object] = []
    for name, module in model.named_modules():
        hooks = {key: len(value) for key, value in vars(module).items() if "hooks" in key and isinstance(value, dict)}
        state.append((name, id(module), module.training, hooks, sorted(vars(module))))
    for name, parameter in model.named_parameters():
        state.append((name, id(parameter), parameter.requires_grad, _bytes(parameter.grad), _bytes(parameter)))
    for name, buffer in model.named_buffers():
        state.append((name, id(buffer), buffer.requires_grad, _bytes(buffer)))
    return state


def _bytes(tensor: Tensor | None) -> bytes | None:
    return None if tensor is None else tensor.detach().cpu().contiguous().numpy().tobytes()
