"""Attribution maps: the methods, and how like two maps are."""
