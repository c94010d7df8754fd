"""Pictures: from a file to what a network reads, and back; masks, fills and superpixels."""
