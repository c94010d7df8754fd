"""The charts of Feature maps."""
