"""Where a check's good ends and its doubtful begins. Each limit says where it comes from."""

CHANCE_LEVEL = 0.95  # of random maps stay under the level of chance
GREY_LEVELS = 255  # of a picture on the screen, above black
COMPLETE = 0.05  # "within 5%": Sundararajan et al. 2017, section 5
ABOVE_CHANCE = 0.15
COARSE = 0.82
ALIKE = 0.4  # a rank correlation that is much, even where maps so coarse reach it by chance
SAME_FOR_ANOTHER_CLASS = 0.77
FAINT = 0.1  # a class less probable than this has little probability to lose: its logit is looked at instead
LEFT_BY_THE_FILL = 0.5  # ours: beyond it the games move less than half of the probability
BEATEN = 2 / 3  # ours: a map that knows where to look beats two of three random ones, in both games
HARDLY = 0.1  # ours: what foretells less than a tenth foretells hardly anything
MOVED = 0.5  # of the map's own size; ours: beyond it the map of a picture that looks the same is mostly another map
