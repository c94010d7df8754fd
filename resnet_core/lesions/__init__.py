"""Why residual networks work: take blocks away, follow the paths, read the answer out early."""
