"""Gradients of whole networks, across depths, seeds and inputs."""
