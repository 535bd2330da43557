"""Vectors in a byte a number: nearly the same cosines, whatever their largest number is."""

import numpy as np
import pytest

from ecomgan.encoder.packing import cosines, lengths_of, pack


@pytest.mark.parametrize("largest", [1.0, 30.0])  # some encoders have a few numbers far above the others
def test_packed_vectors_keep_their_cosines(largest: float) -> None:
    vectors = np.random.default_rng(0).normal(size=(5_000, 64)).astype(np.float32)
    vectors[:, 3] *= largest
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    packed = pack(vectors)
    found = cosines(vectors[7], packed, lengths_of(packed))
    np.testing.assert_allclose(found, vectors @ vectors[7], atol=0.02)
    assert found.argmax() == 7
    assert packed.dtype == np.int8


def test_zeros_are_like_nothing() -> None:
    packed = pack(np.zeros((2, 8), np.float32))
    assert not packed.any()
    assert (cosines(np.eye(8, dtype=np.float32)[0], packed, lengths_of(packed)) == 0).all()


def test_no_vectors_are_no_fault() -> None:
    packed = pack(np.zeros((0, 8), np.float32))
    assert len(cosines(np.zeros(8, np.float32), packed, lengths_of(packed))) == 0
