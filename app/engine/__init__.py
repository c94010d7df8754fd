"""The engine: the gate to the processor, the caches, what the pages compute, and what visitors chose."""
