"""The int8 graph against the float32 one that it was made from."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from stance.tagging.scoring import session_of
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
