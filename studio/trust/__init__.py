"""How far the automatic scores foretell what people decide, and what the studio may decide on that ground."""
