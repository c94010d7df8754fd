"""Predict: what a network says about a photo, and which pixels mattered."""
