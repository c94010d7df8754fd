"""Networks: blocks, whole models, their random or trained values, and what follows from shapes alone."""
