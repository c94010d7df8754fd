"""The charts of Gradients."""
