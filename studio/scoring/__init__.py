"""Scores that come after an image was made, taken by a job; and what they decide."""
