"""Checks of an attribution map: what each measures, and what its number says."""
