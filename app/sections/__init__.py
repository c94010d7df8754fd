"""What pages are made of: parts large enough for a file of their own, and those that several pages show."""
