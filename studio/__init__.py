"""The use cases of EcomGAN Studio: one module a capability, each function `verb(studio, actor, ...)`."""
