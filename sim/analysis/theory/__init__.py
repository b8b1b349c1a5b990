"""Exact answers of theory, written from the literature, that the model must reproduce; the model never uses them."""
