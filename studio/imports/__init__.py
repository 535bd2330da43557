"""Catalogue files of any shop: recognised, staged, checked, taken over in one go."""
