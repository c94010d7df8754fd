"""Where many pieces of work run: on the cores of this machine, or on a cluster of machines."""
