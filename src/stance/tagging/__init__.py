"""Model folder and texts to tags. Loads onnxruntime, tokenizers and numpy, nothing heavier."""

from __future__ import annotations

from stance.tagging.folder import Calibration, Manifest, read_manifest, write_manifest
from stance.tagging.scoring import Scores, probabilities
from stance.tagging.tagger import Tagger, load

__all__ = ["Calibration", "Manifest", "Scores", "Tagger", "load", "probabilities", "read_manifest", "write_manifest"]
