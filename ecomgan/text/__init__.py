"""From free text, in English or Chinese, to the attributes that a checkpoint was taught. Loads no torch.

    vocabulary = Vocabulary.from_checkpoint("models/starter")
    reading = read_brief("mens black formal shoes size 9", vocabulary)
    reading.attributes   # {"article_type": "Formal Shoes", "colour": "Black", "usage": "Formal"}
    reading.unknown      # ("mens", "size 9")

The words are in `words.toml`.
"""

from ecomgan.text.brief import LONGEST_BRIEF, read_brief
from ecomgan.text.likeness import nearest_known
from ecomgan.text.reading import Match, Reading
from ecomgan.text.rewording import reworded
from ecomgan.text.vocabulary import Vocabulary
from ecomgan.text.words import display_name

__all__ = ["LONGEST_BRIEF", "Match", "Reading", "Vocabulary", "display_name", "nearest_known", "read_brief", "reworded"]
