"""Predict: what a network says of a photo, and which pixels mattered."""
