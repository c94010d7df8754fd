"""ResNet (He et al. 2015): all variants, what every block does with a picture, gradients and attributions.

>>> import resnet_core as rc
>>> model = rc.load("resnet18", weights="imagenette")
>>> batch = rc.preprocess(rc.open_image("photo.jpg"), model)
>>> rc.predict(model, batch)
>>> rc.capture(model, batch)["layer3.0"].residual.shape
"""

from resnet_core.agreement import agreement
from resnet_core.attribution import ABSENT_METHODS, METHODS, Method, Option, attribute
from resnet_core.blocks import BasicBlock, Bottleneck
from resnet_core.capture import capture
from resnet_core.channels import channel_statistics, contributions
from resnet_core.describe import Description, describe
from resnet_core.edits import edit_effect
from resnet_core.errors import ImageError, ResNetCoreError, WeightsError
from resnet_core.gradient_sweep import gradient_sweep
from resnet_core.gradients import gradient_flow
from resnet_core.images import Transform, open_image
from resnet_core.masking import FILLS, Fill, filled, masked
from resnet_core.measures import measures
from resnet_core.model import ResNet, build
from resnet_core.predict import class_names, predict, preprocess
from resnet_core.progress import Progress
from resnet_core.receptive import Box, effective_field, receptive_box
from resnet_core.records import AttributionRecord, BlockRecord, ForwardRecord
from resnet_core.runs import RUNS, Run
from resnet_core.shattering import shattering
from resnet_core.superpixels import superpixels
from resnet_core.trust import CHECKS, QUICK, Check, trust
from resnet_core.trust_records import Randomisation, TrustRecord
from resnet_core.variants import VARIANTS, Variant
from resnet_core.weights import WEIGHTS, Weights, load

__all__ = [
    "ABSENT_METHODS",
    "CHECKS",
    "FILLS",
    "METHODS",
    "QUICK",
    "RUNS",
    "VARIANTS",
    "WEIGHTS",
    "AttributionRecord",
    "BasicBlock",
    "BlockRecord",
    "Bottleneck",
    "Box",
    "Check",
    "Description",
    "Fill",
    "ForwardRecord",
    "ImageError",
    "Method",
    "Option",
    "Progress",
    "Randomisation",
    "ResNet",
    "ResNetCoreError",
    "Run",
    "Transform",
    "TrustRecord",
    "Variant",
    "Weights",
    "WeightsError",
    "agreement",
    "attribute",
    "build",
    "capture",
    "channel_statistics",
    "class_names",
    "contributions",
    "describe",
    "edit_effect",
    "effective_field",
    "filled",
    "gradient_flow",
    "gradient_sweep",
    "load",
    "masked",
    "measures",
    "open_image",
    "predict",
    "preprocess",
    "receptive_box",
    "shattering",
    "superpixels",
    "trust",
]
