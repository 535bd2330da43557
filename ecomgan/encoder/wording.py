"""The texts that teach: titles, titles with words left out, phrases of attributes; and the tokens they are cut into."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from ecomgan.data.prepared import PreparedSet
from ecomgan.encoder.config import EncoderConfig

_PAD, _START, _END = "<pad>", "<s>", "</s>"
_WEARERS = ("men", "women", "boys", "girls", "unisex", "kids")
_LEAST_WORDS = 2
_COLUMNS = ("title", "article_type", "sub_category", "colour", "usage")
# How often a phrase names each of them.
_NAMES_WEARER, _NAMES_USAGE, _NAMES_COLOUR, _NAMES_KIND = 0.5, 0.3, 0.75, 0.1


def learn_tokenizer(texts: Sequence[str], config: EncoderConfig) -> PreTrainedTokenizerFast:
    """A byte-level BPE (Sennrich et al. 2016) learned on `texts`: case does not count, every script has tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=config.vocabulary,
        special_tokens=[_PAD, _START, _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(token, tokenizer.token_to_id(token)) for token in (_START, _END)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{_START} $A {_END}", special_tokens=ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=_PAD,
        bos_token=_START,
        eos_token=_END,
        model_max_length=config.longest_text,
    )


class Wording:
    """Words the photos of a set anew each time they are shown."""

    def __init__(self, photos: PreparedSet, config: EncoderConfig) -> None:
        empty = [""] * len(photos)
        columns = {name: photos.columns.get(name, empty) for name in _COLUMNS}
        self._rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        self._config = config

    def corpus(self) -> list[str]:
        """Every title, and every value of an attribute as often as it occurs: what the tokens are learned on."""
        return [value for row in self._rows for value in row.values() if value]

    def draw(self, rows: Sequence[int], source: np.random.Generator) -> list[str]:
        """A text for each of the rows."""
        return [self._one(self._rows[row], source) for row in rows]

    def _one(self, row: Mapping[str, str], source: np.random.Generator) -> str:
        kind = source.random()
        if kind < self._config.phrases and (phrase := " ".join(_phrase(row, source))):
            return phrase
        words = row["title"].split()
        if kind < self._config.phrases + self._config.shortened:
            kept = [word for word in words if source.random() >= self._config.word_dropout]
            words = kept if len(kept) >= _LEAST_WORDS else words
        return " ".join(words)


def _phrase(row: Mapping[str, str], source: np.random.Generator) -> Iterator[str]:
    """Words such as "women", "party", "red", "heels"."""
    wearer = next((word for word in row["title"].split() if word.casefold() in _WEARERS), None)
    if wearer and source.random() < _NAMES_WEARER:
        yield wearer
    if row["usage"] and source.random() < _NAMES_USAGE:
        yield row["usage"]
    if row["colour"] and source.random() < _NAMES_COLOUR:
        yield row["colour"]
    kind = row["sub_category"] if source.random() < _NAMES_KIND else ""
    if article := kind or row["article_type"]:
        yield article
