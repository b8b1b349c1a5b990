"""Exact answers: queues and the pathway as a Markov chain."""
