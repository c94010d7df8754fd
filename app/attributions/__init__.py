"""Attributions: maps of what mattered, and whether to believe them."""
