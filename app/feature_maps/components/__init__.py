"""The clickable pictures of Feature maps."""
