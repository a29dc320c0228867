"""The summary of a week for those who decide from it: one view, computed once, and a writer for each medium."""
