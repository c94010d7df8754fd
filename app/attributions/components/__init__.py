"""The photo whose regions can be taken away."""
