"""Preparing and reading training data."""
