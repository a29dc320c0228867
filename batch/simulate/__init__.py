"""A made-up office of any size with its filled forms, the same for the same seed: to try out and to measure."""
