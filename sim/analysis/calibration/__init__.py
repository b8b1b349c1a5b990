"""Results beside published figures: what a run says of each target, with which error, and how far apart they are."""
