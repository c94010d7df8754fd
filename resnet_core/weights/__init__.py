"""Trained weights without a network: which exist, how their files are read, how reliable their answers are."""
