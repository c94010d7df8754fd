"""Architecture: every network of the paper, drawn and taken apart."""
