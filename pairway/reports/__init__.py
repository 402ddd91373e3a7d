"""The MPM report as bytes, one file a format; the figures are the same in all of them."""
