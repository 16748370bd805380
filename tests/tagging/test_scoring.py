"""Whether int8 sums overflow on this processor, and what is done where they do."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from stance.tagging import scoring

PRECISION = "session.x64quantprecision"


def overflow_graph():
    """The file that `sums_overflow` asks: bytes (rows, 64) times a matrix of 127s."""
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["bytes", "weight"], ["sums"])], "sums of the largest products",
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, ["rows", 64])], [helper.make_tensor_value_info("sums", TensorProto.INT32, ["rows", 16])],
        [numpy_helper.from_array(np.full((64, 16), 127, dtype=np.int8), "weight")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, producer_name="stance")


def test_the_shipped_graph_is_the_one_made_here():
    assert onnx.load(scoring.__file__.replace("scoring.py", "overflow.onnx")) == overflow_graph()


@pytest.mark.parametrize("overflow", [True, False])
def test_only_where_sums_overflow_weights_are_unsigned(tmp_path, monkeypatch, overflow):
    monkeypatch.setattr(scoring, "sums_overflow", lambda: overflow)
    for name in (*scoring.FUSED, scoring.GRAPHS[1]):
        onnx.save(overflow_graph(), tmp_path / name)
        options = scoring.session_of(tmp_path / name).get_session_options()
        if overflow:
            assert options.get_session_config_entry(PRECISION) == "1"
        else:
            with pytest.raises(RuntimeError):
                options.get_session_config_entry(PRECISION)
        as_it_is = options.graph_optimization_level == ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        assert as_it_is == (not overflow and name in scoring.FUSED)


def test_overflow_is_told_by_a_wrong_sum(monkeypatch):
    class Session:
        def __init__(self, *_, **__):
            pass

        def run(self, *_):
            return [np.full((4, 16), self.sum)]

    for told, overflow in ((64 * 255 * 127, False), (64 * 32767 // 2, True)):
        Session.sum = told
        monkeypatch.setattr(ort, "InferenceSession", Session)
        scoring.sums_overflow.cache_clear()
        assert scoring.sums_overflow() == overflow
    scoring.sums_overflow.cache_clear()
