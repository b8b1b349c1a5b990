"""A compact Markov cohort projection of a county: expected values from its inputs, without queues, places or memory."""
