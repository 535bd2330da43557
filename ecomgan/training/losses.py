"""What the two networks are taught by: adversarial losses, each with its equation and source.

D(x) are the logits of one head, (N, 1, h, w); a loss is the sum over heads. The rows of a real and of a made batch
share their conditions, so that they can be compared in pairs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.training.penalties import GradientPenalty, r1, r1_and_r2, unit_norm

OfHead = Callable[[Tensor, Tensor], Tensor]
"""(logits of real photos, logits of made images) -> loss, a number."""


@dataclass(frozen=True)
class AdversarialLoss:
    """of_discriminator, of_generator: what each minimises at one head. penalty: on the gradients of the heads, weighted
    by `TrainConfig.penalty`. in_pairs: the generator's loss looks at the real photos too.
    """

    of_discriminator: OfHead
    of_generator: OfHead
    penalty: GradientPenalty
    in_pairs: bool = False

    def discriminator(self, real: list[Tensor], fake: list[Tensor]) -> Tensor:
        """Sum over heads of the discriminator's loss."""
        return _over_heads(self.of_discriminator, real, fake)

    def generator(self, real: list[Tensor], fake: list[Tensor]) -> Tensor:
        """Sum over heads of the generator's loss."""
        return _over_heads(self.of_generator, real, fake)


def _over_heads(loss: OfHead, real: list[Tensor], fake: list[Tensor]) -> Tensor:
    return torch.stack([loss(r.float(), f.float()) for r, f in zip(real, fake, strict=True)]).sum()


LOSSES: Mapping[str, AdversarialLoss] = {
    # D: E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))];  G: -E[D(G(z))]  (Lim & Ye 2017; Miyato et al. 2018, eq. 16-17)
    "hinge": AdversarialLoss(
        lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean(),
        lambda real, fake: -fake.mean(),
        penalty=r1,
    ),
    # D: -E[log s(D(x))] - E[log(1 - s(D(G(z))))];  G: -E[log s(D(G(z)))]  (Goodfellow et al. 2014, section 3)
    "non_saturating": AdversarialLoss(
        lambda real, fake: F.softplus(-real).mean() + F.softplus(fake).mean(),
        lambda real, fake: F.softplus(-fake).mean(),
        penalty=r1,
    ),
    # D: E[D(G(z))] - E[D(x)];  G: -E[D(G(z))]  (Gulrajani et al. 2017, eq. 3)
    "wgan_gp": AdversarialLoss(
        lambda real, fake: fake.mean() - real.mean(),
        lambda real, fake: -fake.mean(),
        penalty=unit_norm,
    ),
    # D: E[-log s(D(x) - D(G(z)))];  G: E[-log s(D(G(z)) - D(x))]  (Jolicoeur-Martineau 2019; Huang et al. 2024, eq. 2)
    "relativistic": AdversarialLoss(
        lambda real, fake: F.softplus(fake - real).mean(),
        lambda real, fake: F.softplus(real - fake).mean(),
        penalty=r1_and_r2,
        in_pairs=True,
    ),
}
