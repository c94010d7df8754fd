"""The attribution methods as a table, family by family. A new one is an entry in its family's file."""

from __future__ import annotations

from resnet_core.attribution.methods.activations import ACTIVATIONS
from resnet_core.attribution.methods.deeplift import DEEPLIFTS
from resnet_core.attribution.methods.gradients import GRADIENTS
from resnet_core.attribution.methods.method import Family, Method, Options, Passes
from resnet_core.attribution.methods.noise import NOISY
from resnet_core.attribution.methods.options import Option
from resnet_core.attribution.methods.paths import PATHS
from resnet_core.attribution.methods.perturbations import PERTURBATIONS
from resnet_core.attribution.methods.relu_rules import RELU_RULES
from resnet_core.attribution.methods.surrogates import SURROGATES

__all__ = ["ABSENT_METHODS", "METHODS", "Family", "Method", "Option", "Options", "Passes"]

METHODS: dict[str, Method] = {
    method.id: method
    for family in (GRADIENTS, NOISY, PATHS, DEEPLIFTS, RELU_RULES, PERTURBATIONS, SURROGATES, ACTIVATIONS)
    for method in family
}

ABSENT_METHODS: dict[str, str] = {
    "Layer-wise relevance propagation": "Captum's rules know neither the addition of a shortcut nor batch norm: the "
    "relevances of a photo should sum to the logit, and on torchvision's ResNet-18 with our weights the sum is more "
    "than a million times as large, with either sign.",
    "Feature permutation": "It swaps a part of the picture with the same part of other pictures in the batch: "
    "one photo has none to swap with, and the map is 0 everywhere.",
    "Shapley value sampling": "It estimates the same shares as KernelSHAP, but takes regions away one by one in many "
    "random orders: Captum's 25 orders of 48 regions are 1,200 passes.",
    "Neuron methods": "They explain one unit inside the network, not the class of its answer.",
}
