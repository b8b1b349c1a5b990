"""Chance: keyed streams of uniforms and inverse distribution functions."""
