"""Inside a network: answers, the record of every block, measures, channels and edited photos."""
