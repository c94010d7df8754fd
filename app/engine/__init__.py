"""The engine: the gate to the processor, what is kept, what the pages compute, and what visitors chose."""
