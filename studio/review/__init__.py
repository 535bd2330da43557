"""The way of an image through review: decisions that stay, and the queue of what waits."""
