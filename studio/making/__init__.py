"""From a brief to images: ordered, estimated, made, made again."""
