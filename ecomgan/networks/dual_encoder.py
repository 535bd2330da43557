"""A small dual encoder: product texts and product photos as vectors of one space.

The towers are transformers' own: BERT (Devlin et al. 2018) over a byte-level BPE, ResNet with basic blocks (He et al.
2016) over 80x64 pixels on white. They are taught together as CLIP was (Radford et al. 2021).
"""

import math
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel, PretrainedConfig, PreTrainedModel, ResNetConfig, ResNetModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

HIGHEST_SCALE = math.log(100.0)
"""Of the logarithm of the scale of similarities, as in CLIP: more makes training unstable."""


class ProductEncoderConfig(PretrainedConfig):
    """embedding_dim: numbers of a vector of the joint space; the sub-configurations are transformers' own."""

    model_type = "ecomgan_dual_encoder"
    sub_configs: ClassVar[dict[str, type[PretrainedConfig]]] = {
        "text_config": BertConfig,
        "vision_config": ResNetConfig,
    }

    def __init__(
        self,
        text_config: dict[str, Any] | BertConfig | None = None,
        vision_config: dict[str, Any] | ResNetConfig | None = None,
        embedding_dim: int = 128,
        **kwargs: Any,
    ) -> None:
        self.text_config = text_config if isinstance(text_config, BertConfig) else BertConfig(**(text_config or {}))
        self.vision_config = (
            vision_config if isinstance(vision_config, ResNetConfig) else ResNetConfig(**(vision_config or {}))
        )
        self.embedding_dim = embedding_dim
        super().__init__(**kwargs)


class ProductTextConfig(PretrainedConfig):
    """As `ProductEncoderConfig`, of the text tower alone."""

    model_type = "ecomgan_text_encoder"
    sub_configs: ClassVar[dict[str, type[PretrainedConfig]]] = {"text_config": BertConfig}

    def __init__(
        self, text_config: dict[str, Any] | BertConfig | None = None, embedding_dim: int = 128, **kwargs: Any
    ) -> None:
        self.text_config = text_config if isinstance(text_config, BertConfig) else BertConfig(**(text_config or {}))
        self.embedding_dim = embedding_dim
        super().__init__(**kwargs)


class ProductTextEncoder(PreTrainedModel):
    """The text tower with its projection: what a generator that is conditioned on texts carries with it."""

    config_class = ProductTextConfig
    base_model_prefix = "encoder"

    def __init__(self, config: ProductTextConfig) -> None:
        super().__init__(config)
        self.text_model = BertModel(config.text_config, add_pooling_layer=False)
        self.text_projection = nn.Linear(config.text_config.hidden_size, config.embedding_dim, bias=False)
        self.post_init()  # type: ignore[no-untyped-call]

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> BaseModelOutputWithPooling:
        """int64 (N, L) each -> `pooler_output` float (N, embedding_dim), of any length; the mean over the tokens."""
        mean = _mean_over_tokens(self.text_model, input_ids, attention_mask)
        return BaseModelOutputWithPooling(pooler_output=self.text_projection(mean))


class ProductEncoder(PreTrainedModel):
    """Two towers with a linear projection each; the methods are named as those of transformers' CLIP."""

    config_class = ProductEncoderConfig
    base_model_prefix = "encoder"

    def __init__(self, config: ProductEncoderConfig) -> None:
        super().__init__(config)
        self.text_model = BertModel(config.text_config, add_pooling_layer=False)
        self.vision_model = ResNetModel(config.vision_config)
        dim = config.embedding_dim
        self.text_projection = nn.Linear(config.text_config.hidden_size, dim, bias=False)
        self.visual_projection = nn.Linear(list(config.vision_config.hidden_sizes or ())[-1], dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.post_init()  # type: ignore[no-untyped-call]

    def get_text_features(self, input_ids: Tensor, attention_mask: Tensor) -> BaseModelOutputWithPooling:
        """As `ProductTextEncoder.get_text_features`."""
        mean = _mean_over_tokens(self.text_model, input_ids, attention_mask)
        return BaseModelOutputWithPooling(pooler_output=self.text_projection(mean))

    def get_image_features(self, pixel_values: Tensor) -> BaseModelOutputWithPooling:
        """float (N, 3, H, W) in [-1, 1] -> `pooler_output` float (N, embedding_dim), of any length."""
        pooled = cast(Tensor, self.vision_model(pixel_values).pooler_output)  # (N, C, 1, 1)
        return BaseModelOutputWithPooling(pooler_output=self.visual_projection(pooled.flatten(1)))

    def text_tower(self) -> ProductTextEncoder:
        """The text tower alone, with weights of its own that equal these."""
        tower: Any = ProductTextEncoder(ProductTextConfig(self.config.text_config.to_dict(), self.config.embedding_dim))
        own = self.state_dict()
        tower.load_state_dict({name: own[name].clone() for name in tower.state_dict()})
        return cast(ProductTextEncoder, tower.to(self.dtype))


def _mean_over_tokens(model: BertModel, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """float (N, hidden size); filling does not count."""
    hidden = model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
    weight = attention_mask[:, :, None].to(hidden.dtype)
    return cast(Tensor, (hidden * weight).sum(dim=1) / weight.sum(dim=1).clamp_min(1))
