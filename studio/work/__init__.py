"""Durable jobs and the workers that run them."""
