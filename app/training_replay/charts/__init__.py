"""The charts of Training replay."""
