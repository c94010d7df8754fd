"""The limits between good and doubtful. Each says where it comes from."""

CHANCE_LEVEL = 0.95  # of random maps stay under the level of chance
GREY_LEVELS = 255  # of a picture on the screen, above black
COMPLETE = 0.05  # "within 5%": Sundararajan et al. 2017, section 5

# The papers give no limits for the next three. Ours lie about midway between methods that are known to fail and methods
# that are known to pass, on one half of the photos; the other half was held out and says the same. Both halves, of
# ResNet-20 (30 photos) and ResNet-18 (10): `python -m tests.limits --data cifar10-jpeg.tar.xz`.
ABOVE_CHANCE = (
    0.15  # kept above chance: guided backprop at least 0.2, held out 0.3; gradients at most 0.1 in both halves
)
SAME_FOR_ANOTHER_CLASS = 0.78  # guided backprop at least 0.8 in both halves, all others at most 0.7
COARSE = (
    0.9  # how far neighbouring pixels correlate: Grad-CAM at least 0.97, pixel-wise maps at most 0.8, in both halves
)

ALIKE = 0.4  # ours: a rank correlation that is much, even where maps so coarse reach it by chance
FAINT = 0.1  # a class less probable than this has little probability to lose: its logit is looked at instead
LEFT_BY_THE_FILL = 0.5  # ours: beyond it the games move less than half of the probability
BEATEN = 2 / 3  # ours: a map that knows where to look beats two of three random ones, in both games
HARDLY = 0.1  # ours: less than a tenth predicts hardly anything
MOVED = 0.5  # of the map's own size; ours: beyond it the map of a picture that looks the same is mostly another map
