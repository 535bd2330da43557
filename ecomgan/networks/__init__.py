"""Networks: generator, discriminator heads and frozen backbones."""
