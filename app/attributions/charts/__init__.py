"""The charts of Attributions."""
