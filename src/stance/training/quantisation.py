"""A float32 graph to int8 with fixed scales, so that the answer to a text does not hang on its neighbours in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from stance.records import Statement
from stance.tagging.scoring import LEFT_OUT, Array, feed

SAMPLE = 512  # statements that the ranges of activations are taken from
NARROWEST = 0.8  # of the middle channel's width: a channel seen idle may yet come to life
_NOTCHES = 4  # widths are rounded to so many an octave, lest a second measurement that is a hair off gives other integers
_SEVEN_BITS, _EIGHT_BITS = 127, 255
Feed = dict[str, Any]
Ranges = tuple[Array, Array]  # least and greatest value of each channel, (channels,) each


def calibration_feeds(statements: Sequence[Statement], tokenizer: Tokenizer) -> list[Feed]:
    """Inputs of a graph for a spread of statements, one a feed (padding would widen the ranges), every second with its speaker."""
    chosen = statements[:: max(1, len(statements) // SAMPLE)][:SAMPLE]
    pairs = [(s.text, s.speaker) if number % 2 and s.speaker else s.text for number, s in enumerate(chosen)]
    return [feed([encoded]) for encoded in tokenizer.encode_batch(pairs)]


def quantise(full: Path, output: Path, feeds: Sequence[Feed]) -> list[tuple[Array, Array]]:
    """Write the int8 graph of a float32 one: weights by output channel, activations by the ranges that `feeds` show.

    Products with constant weights are turned to integers, embeddings are stored as such; attention,
    norms and heads stay float. A few wide channels of a product's input would take all steps of the
    shared scale: each channel is divided by its width, which its row of the weights is multiplied by
    (Xiao et al. 2023, SmoothQuant; all of the width here, as the float32 weights can be given the
    values of the integers). Returns these: each matrix of weights, and what its integers stand for.
    """
    model = onnx.load(full)
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in tensors and len(tensors[node.input[1]].dims) == 2]
    ranges = _ranges(model, sorted({node.input[0] for node in products}), feeds)
    nodes: list[Any] = []
    new: list[Any] = []
    ready: dict[str, Array] = {}  # inputs that are integers already, with the numbers their weights are multiplied by
    biases = _biases(graph, products, tensors)
    in_products = {id(add) for add, _ in biases.values()}
    rounded: list[tuple[Array, Array]] = []

    def constant(name: str, value: Any) -> str:
        new.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    for node in graph.node:
        if id(node) in in_products:
            continue
        if node.op_type == "Gather" and node.input[0] in tensors and len(tensors[node.input[0]].dims) == 2:
            table = numpy_helper.to_array(tensors[node.input[0]])
            made, kept = _embedding(node, table, constant)
            nodes += made
            rounded.append((table, kept))
        elif node in products:
            name, weight = node.input[0], numpy_helper.to_array(tensors[node.input[1]])
            if name not in ready:
                ready[name], made = _integers(name, ranges[name], constant)
                nodes += made
            widths = ready[name][:, None]
            scale = np.maximum(np.abs(weight * widths).max(axis=0), 1e-9) / _SEVEN_BITS
            integers = np.rint(weight * widths / scale).astype(np.int8)
            rounded.append((weight, integers * scale / widths))
            add, bias = biases.get(node.output[0], (None, ""))
            inputs = [f"{name}_int", constant(f"{node.name}_weight", integers), f"{name}_scale", constant(f"{node.name}_scale", scale), f"{name}_zero", "", bias]
            nodes.append(helper.make_node("MatMulIntegerToFloat", inputs if bias else inputs[:5], [add.output[0] if add else node.output[0]], name=node.name, domain="com.microsoft"))
        else:
            if node.op_type == "Gelu":
                del node.attribute[:]
                node.attribute.append(helper.make_attribute("approximate", "tanh"))  # nearer than a step, and quicker
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    still = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(still + new)
    del graph.value_info[:]
    if all(entry.domain != "com.microsoft" for entry in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    _write_fused(model, output)
    return rounded


def _write_fused(model: Any, output: Path) -> None:
    """Write the graph as onnxruntime itself fuses its nodes, so that no start has to do it again."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    options.optimized_model_filepath = str(output)
    ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"], disabled_optimizers=LEFT_OUT)


def _biases(graph: Any, products: Sequence[Any], tensors: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """For the output of each product that only a constant row is added to: that addition, and the row's name."""
    users: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    found = {}
    for product in products:
        result = product.output[0]
        after = users.get(result, [])
        if len(after) == 1 and after[0].op_type == "Add":
            (other,) = [name for name in after[0].input if name != result]
            if other in tensors and len(tensors[other].dims) == 1:
                found[result] = (after[0], other)
    return found


def _integers(name: str, ranges: Ranges, constant: Any) -> tuple[Array, list[Any]]:
    """The width of each channel of a float tensor, (channels,), and nodes from the tensor to unsigned bytes of it by that width."""
    least, greatest = ranges
    width = np.maximum(np.abs(least), np.abs(greatest))
    width = np.maximum(width, max(1e-9, NARROWEST * float(np.median(width))))
    width = (2 ** (np.rint(_NOTCHES * np.log2(width)) / _NOTCHES)).astype(np.float32)
    even = f"{name}_even"
    low, high = min(0.0, float((least / width).min())), max(0.0, float((greatest / width).max()))
    step = max(high - low, 1e-9) / _EIGHT_BITS
    constant(f"{name}_scale", np.float32(step))
    constant(f"{name}_zero", np.uint8(round(-low / step)))
    return width, [
        helper.make_node("Mul", [name, constant(f"{name}_widths", 1 / width)], [even], name=even),
        helper.make_node("QuantizeLinear", [even, f"{name}_scale", f"{name}_zero"], [f"{name}_int"], name=f"{name}_int"),
    ]


def _embedding(node: Any, table: Array, constant: Any) -> tuple[list[Any], Array]:
    """A look-up in a table of bytes with a scale a row, in place of one in a table of floats; and what the bytes stand for, like `table`."""
    name, ids = node.output[0], node.input[1]
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9) / _SEVEN_BITS
    integers = np.rint(table / scale).astype(np.int8)
    return [
        helper.make_node("Gather", [constant(f"{name}_table", integers), ids], [f"{name}_int"], name=f"{name}_int"),
        helper.make_node("Gather", [constant(f"{name}_scales", scale), ids], [f"{name}_scale"], name=f"{name}_scale"),
        helper.make_node("Cast", [f"{name}_int"], [f"{name}_float"], name=f"{name}_float", to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name], name=f"{name}_scaled"),
    ], integers * scale


def _ranges(model: Any, names: Sequence[str], feeds: Sequence[Feed]) -> dict[str, Ranges]:
    """The ranges of the tensors `names` over all feeds."""
    open_graph = onnx.ModelProto()
    open_graph.CopyFrom(model)
    open_graph.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = ort.InferenceSession(open_graph.SerializeToString(), providers=["CPUExecutionProvider"])
    wanted = {entry.name for entry in session.get_inputs()}
    found: dict[str, Ranges] = {}
    for one in feeds:
        for name, value in zip(names, session.run(list(names), {k: v for k, v in one.items() if k in wanted}), strict=True):
            rows = value.reshape(-1, value.shape[-1])
            least, greatest = found.get(name, (rows[0], rows[0]))
            found[name] = np.minimum(least, rows.min(axis=0)), np.maximum(greatest, rows.max(axis=0))
    return found
