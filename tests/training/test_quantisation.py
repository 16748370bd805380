"""The int8 graph against the float32 one that it was made from."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from stance.tagging.scoring import GRAPHS, session_of
from stance.training.model import StanceModel
from stance.training.quantisation import quantise


@pytest.mark.parametrize("sign", [1, -1])
def test_sums_of_the_largest_products_do_not_overflow(tmp_path, sign):
    """Two products of full bytes are more than 16 bits hold, and some processors add them there."""
    weight = np.full((64, 16), sign * 2.0, dtype=np.float32)
    shape = ["rows", 64]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["given", "weight"], ["found"], name="product")], "one product",
        [helper.make_tensor_value_info("given", TensorProto.FLOAT, shape)], [helper.make_tensor_value_info("found", TensorProto.FLOAT, ["rows", 16])],
        [numpy_helper.from_array(weight, "weight")],
    )
    full, small = tmp_path / "full.onnx", tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), full)
    widest = np.full((3, 64), 5.0, dtype=np.float32)
    quantise(full, small, [{"given": widest}])
    (found,) = session_of(small).run(None, {"given": widest})
    assert np.allclose(found, widest @ weight, rtol=0.01)


def test_float32_and_int8_have_the_same_weights(tiny_model):
    """Each matrix of the folder's int8 graph, read back from its integers, is one of the folder's float32 model."""
    graph = onnx.load(tiny_model / GRAPHS[0]).graph
    made = {node.output[0]: node for node in graph.node}
    value = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    read = [value[name] * value[name.replace("_table", "_scales")] for name in value if name.endswith("_table")]
    for node in graph.node:
        if node.op_type == "MatMulIntegerToFloat":
            even = made[made[node.input[0]].input[0]]
            read.append(value[node.input[1]] * value[node.input[3]] * value[even.input[1]][:, None])
    ours = [p.detach().numpy() for p in StanceModel.from_pretrained(tiny_model).parameters() if p.dim() == 2]
    ours += [p.T for p in ours]
    assert len(read) == 6 + 4  # products of the one layer; tables of tokens, places, segments and words
    for found in read:
        assert any(found.shape == own.shape and np.allclose(found, own, rtol=1e-5, atol=1e-7) for own in ours)
