"""Trained weights without a network: which exist, how their files are read, what is known of their answers."""
