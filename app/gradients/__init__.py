"""Gradients: whether they reach the first layer, of networks of every depth."""
