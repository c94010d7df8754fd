"""The drawings and tables of Architecture."""
