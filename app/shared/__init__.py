"""What two or more pages use: the choice of network and photo, the link, the frame of a chart, words."""
