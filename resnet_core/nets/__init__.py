"""Networks: blocks, whole models, their random or trained values, and what can be told from shapes alone."""
