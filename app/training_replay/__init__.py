"""Training replay: the recorded runs of our own networks, epoch by epoch."""
