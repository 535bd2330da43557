"""The screens' pieces: router, guard, texts, charts and components. Pages stand on these and on the use cases."""
