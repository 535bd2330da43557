"""The products, and the words by which a model knows them."""
