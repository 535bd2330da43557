"""Approved images leave the house: marked, sized for a channel, listed."""
