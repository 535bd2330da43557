"""How good the images are: figures that lead to the images behind them."""
