"""The words of the field that a student may not know, each in a sentence or two. Loads no torch."""

from __future__ import annotations

WORDS = {
    "attribution map": "A picture of how much each pixel mattered for one class, by one method. Methods disagree.",
    "batch norm": "A layer that shifts and scales each channel, so that over a batch of pictures its mean and its "
    "spread are two numbers that the network learns.",
    "block": "Some convolutions F(x) and a shortcut past them. Its output is y = ReLU(F(x) + shortcut(x)).",
    "bottleneck": "A block of three convolutions: 1×1 to fewer channels, 3×3 on these few, 1×1 back to many.",
    "channel": "One of the many maps of numbers that a layer makes of a picture.",
    "gradient": "How fast the loss changes when one weight, or one pixel, changes a little. Its norm is its length.",
    "Kendall's tau": "How alike two orders are: 1 where they are the same, −1 where one is the other backwards.",
    "logit": "The score of a class. Softmax turns the logits of all classes into probabilities that add up to 1.",
    "MACs": "Multiplications, each with its addition: the work that a layer does for one picture.",
    "plain network": "The same layers without any shortcut: y = ReLU(F(x)).",
    "receptive field": "The part of the photo that can change one unit. The effective one is where it does so most.",
    "ReLU": "Sets what is negative to 0 and leaves the rest as it is.",
    "residual": "F(x): what a block adds to its input.",
    "shortcut": "The way past F(x). An identity hands x on as it is. Where the shape changes, a projection (a 1×1 "
    "convolution) or zeros in new channels make it fit.",
    "stage": "Blocks in a row that work at one size of map. The next stage has maps half as wide, and more channels.",
    "stem": "The layers before the first block.",
    "training error": "The share of its training pictures that a network gets wrong. Where that is high, it has not "
    "even learned these: more data would not help.",
}


def markdown(words: tuple[str, ...] = tuple(WORDS)) -> str:
    """These words, each a line of its own with what it means."""
    return "\n\n".join(f"**{word}**: {WORDS[word]}" for word in words)
