"""Training: recipes, data sets, recorded runs, and the commands that measure what was trained."""
