"""Real photos of products: brought in, placed, with their rights."""
