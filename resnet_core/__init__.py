"""ResNet (He et al. 2015): all variants, what every block does with a picture, gradients and attributions.

>>> import resnet_core as rc
>>> model = rc.load("resnet18", weights="imagenette")
>>> batch = rc.preprocess(rc.open_image("photo.jpg"), model)
>>> rc.predict(model, batch)
>>> rc.capture(model, batch)["layer3.0"].residual.shape
"""

from resnet_core.attribution.comparison import agreement
from resnet_core.attribution.maps import ABSENT_METHODS, METHODS, Method, Option, attribute
from resnet_core.attribution.records import AttributionRecord
from resnet_core.checks.records import Randomisation, TrustRecord
from resnet_core.checks.run import CHECKS, QUICK, Check, trust
from resnet_core.errors import ClusterError, ImageError, ResNetCoreError, WeightsError
from resnet_core.gradients.correlation import shattering
from resnet_core.gradients.flow import gradient_flow
from resnet_core.gradients.sweep import gradient_sweep
from resnet_core.inside.answers import class_names, predict, preprocess
from resnet_core.inside.channels import channel_statistics, contributions
from resnet_core.inside.edits import edit_effect
from resnet_core.inside.measuring import measures
from resnet_core.inside.recording import capture
from resnet_core.inside.records import BlockRecord, ForwardRecord
from resnet_core.lesions.combining import Subnetworks, subnetworks
from resnet_core.lesions.heads import readouts
from resnet_core.lesions.removal import lesion
from resnet_core.lesions.shuffles import shuffle_study
from resnet_core.lesions.spectrum import PathSpectrum, path_spectrum
from resnet_core.lesions.study import lesion_study
from resnet_core.nets.blocks import BasicBlock, Bottleneck
from resnet_core.nets.description import Description, describe
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet, build
from resnet_core.nets.options import Build
from resnet_core.nets.receptive_field import Box, effective_field, receptive_box
from resnet_core.pictures.images import Transform, open_image
from resnet_core.pictures.masks import FILLS, Fill, filled, masked
from resnet_core.pictures.segments import superpixels
from resnet_core.pool.cluster import RayPool
from resnet_core.pool.interface import Pool
from resnet_core.pool.local import LocalPool
from resnet_core.progress import Progress
from resnet_core.training.runs import RUNS, Run
from resnet_core.variants import VARIANTS, Variant
from resnet_core.weights.catalogue import WEIGHTS
from resnet_core.weights.files import Weights

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
    "Build",
    "Check",
    "ClusterError",
    "Description",
    "Fill",
    "ForwardRecord",
    "ImageError",
    "LocalPool",
    "Method",
    "Option",
    "PathSpectrum",
    "Pool",
    "Progress",
    "Randomisation",
    "RayPool",
    "ResNet",
    "ResNetCoreError",
    "Run",
    "Subnetworks",
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
    "lesion",
    "lesion_study",
    "load",
    "masked",
    "measures",
    "open_image",
    "path_spectrum",
    "predict",
    "preprocess",
    "readouts",
    "receptive_box",
    "shattering",
    "shuffle_study",
    "subnetworks",
    "superpixels",
    "trust",
]
