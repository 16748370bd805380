"""The colours of every picture and page."""

from __future__ import annotations

# Told apart by colour-blind readers too (Okabe and Ito 2008), in the order of the first axis's labels.
COLOURS = ("#0072B2", "#D55E00", "#999999", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
