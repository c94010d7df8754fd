"""Five questions for a class: each sets the page, asks for a guess, and then lets the measurement answer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """`settings` are widget keys of `controls.gradients`; `answer` says what to look for, with paper and section.

    The answer is true for these settings, whatever those of `FREE` are.
    """

    title: str
    ask: str
    guesses: tuple[str, ...]
    answer: str
    settings: dict[str, object] = field(default_factory=dict)
    shattering: bool = False


FREE = ("scale", "seeds")  # settings that change what is drawn, or how precisely, but no answer

CIFAR: dict[str, object] = {
    "family": "cifar",
    "kinds": "plain and residual",
    "learned": "untrained",
    "zero_init": False,
    "steps": 0,
    "precision": "double",
    "scale": "raw",
    "seeds": 3,
}

QUESTIONS = (
    Question(
        "Do gradients vanish without shortcuts?",
        "In a plain network of 110 layers with batch norm, before training, the gradient of the first layer is …",
        ("far smaller than that of the last", "about as large", "far larger"),
        "Far larger. Before training, deep plain nets with batch norm do not suffer from vanishing gradients: theirs "
        "grow towards the input. The "
        "paper says that its plain nets' trouble is “unlikely to be caused by vanishing gradients” (He et al. 2015, "
        "section 4.1). Shortcuts keep the two ends closer together; what the paper shows is that they ease "
        "optimisation.",
        {**CIFAR, "depths_cifar": [20, 56, 110], "norm": "batch", "init": "kaiming"},
    ),
    Question(
        "What if batch norm goes?",
        "Without batch norm, with He's initialisation: whose gradients become huge as networks get deeper?",
        ("those of plain nets", "those of residual nets", "both", "neither"),
        "Those of residual nets. Look how high the curves lie: within one the gradient changes far less than between "
        "the deep plain and the deep residual net. He's initialisation was made for nets without shortcuts (He et al. "
        "2015, “Delving Deep into Rectifiers”, section 2.2): theirs stay small. In a residual net without norm every "
        "block adds the variance of F(x) to what came in: activations grow from block to block, and with them the loss "
        "and all gradients.",
        {**CIFAR, "depths_cifar": [20, 56, 110], "norm": "none", "init": "kaiming"},
    ),
    Question(
        "What if the initial weights are small?",
        "Without batch norm and with weights of std 0.01, what reaches the first layer of plain-56?",
        ("a gradient of about the usual size", "a small one", "exactly 0 in single precision"),
        "Exactly 0. Here gradients really vanish: each plain layer shrinks the signal, and after enough of them "
        "single precision, which this question asks for, holds nothing but 0. (Double precision still finds something: "
        "switch it on under “Measurement”.) The shortcuts carry the signal past every block, so "
        "residual nets still get some. This is the problem that normalised initialisation and normalisation layers had "
        "largely solved before ResNets came (He et al. 2015, section 1).",
        {**CIFAR, "depths_cifar": [20, 56], "norm": "none", "init": "normal", "precision": "single"},
    ),
    Question(
        "Why does one step change everything?",
        "One SGD step at learning rate 0.1: what becomes of the first layer's huge gradient in plain-110?",
        ("it stays huge", "it falls a little", "it falls by many orders of magnitude"),
        "It falls by many orders of magnitude. The huge gradient throws the first weights far away: their norm jumps. "
        "Batch norm makes a conv blind to the scale of its weights, so |g| falls as |w| grows (Ioffe and Szegedy 2015, "
        "section 3.3). That is a part of the fall only: the step has also changed what the network computes. The "
        "scale-free gradient, |g|·|w|, leaves the first part out; the relative step, lr·|g| / |w|, says how far the "
        "next step moves the weights. Compare with 0 steps (under “Measurement”).",
        {**CIFAR, "depths_cifar": [20, 110], "norm": "batch", "init": "kaiming", "steps": 1},
    ),
    Question(
        "What do the gradients look like?",
        "Walk in small steps from one picture to another. Does the gradient of a deep plain net change smoothly?",
        ("yes, neighbours have nearly the same gradient", "no, after a step it is a new, unrelated one"),
        "No: the gradients of deep plain nets look like noise, neighbours on the path are uncorrelated. Residual nets "
        "keep some of the correlation. Balduzzi et al. (2017, “The Shattered Gradients Problem”, section 2) see in "
        "this, rather than in the size of the gradient, what shortcuts do for it.",
        {**CIFAR, "depths_cifar": [20, 56, 110], "norm": "batch", "init": "kaiming", "source": "sample photos"},
        shattering=True,
    ),
)
