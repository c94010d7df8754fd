"""Feature maps: what every block does with a photo."""
