"""Drawings and charts of the Lesions page, from records and tables."""
