"""Exact answers of theory, queues and the pathway as a Markov chain, that the model must reproduce but never uses."""
