"""Lesions: what is left of an answer without some blocks, along which paths its gradient travels, how it grows."""
