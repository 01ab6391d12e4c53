"""The IAU series against NAIF's own results for the integrated libration of DE421."""

import numpy as np
import pytest

from moonbridge.engines.moon import orientation

ARCSEC = np.pi / 648_000

# Made with SPICE from moon_pa_de421_1900-2050.bpc: ICRF to MOON_PA_DE421, 11,150 days before J2000 and at J2000
# (published in the tests of skyfield, skyfield/tests/test_planetarylib.py).
PRINCIPAL_AXES = {
    -11150.0: [
        [0.9994150897380264, 0.0323102706039267, 0.0112037858527199],
        [-0.0341574268117634, 0.9272642685944782, 0.3728461430423364],
        [0.0016578894811168, -0.3730107540024127, 0.9278255379116378],
    ],
    0.0: [
        [0.7840447406961362, 0.5582359944893811, 0.2713787372716964],
        [-0.6203032939745002, 0.7203957219351799, 0.3102480093439375],
        [-0.0223084753202375, -0.4115854446818337, 0.9110981032001678],
    ],
}


def euler_angles(matrix: np.ndarray) -> np.ndarray:
    """Take a matrix Rz(turn) Rx(tilt) Rz(node) apart."""
    return np.array([
        [np.arctan2(matrix[2, 0], -matrix[2, 1])],
        [np.arccos(matrix[2, 2])],
        [np.arctan2(matrix[0, 2], matrix[1, 2])],
    ])  # fmt: skip


@pytest.mark.parametrize("days", PRINCIPAL_AXES)
def test_the_series_is_within_15_arcseconds_of_the_integrated_libration(days: float) -> None:
    exact = orientation.from_euler_angles(euler_angles(np.array(PRINCIPAL_AXES[days])), "DE421")[..., 0]
    turn = orientation.by_series(np.array([days * 86_400]))[..., 0] @ exact.T
    angle = np.arccos((np.trace(turn) - 1) / 2)
    assert 1 * ARCSEC < angle < 15 * ARCSEC


def test_a_vector_of_the_kernel_s_own_manual_is_turned_as_there() -> None:
    """NAIF's moon_080317.tf shows one vector to the Earth in three frames; MOON_ME is the last."""
    seconds = 259_056_665.1855896
    in_icrf = np.array([2.4798273371071659e05, -2.6189996683651494e05, -1.2455830876097400e05])
    principal_axes, mean_earth = (
        np.array([379908.634, 33385.003, -12516.8859]),
        np.array([379892.825, 33510.118, -12661.5278]),
    )
    no_turn = orientation.from_euler_angles(np.zeros((3, 1)), "DE421")[..., 0]
    assert no_turn @ principal_axes == pytest.approx(mean_earth, abs=0.002)
    by_series = orientation.by_series(np.array([seconds]))[..., 0] @ in_icrf
    assert np.linalg.norm(by_series - mean_earth) / np.linalg.norm(mean_earth) < 15 * ARCSEC


def test_the_matrices_turn_and_do_nothing_else() -> None:
    matrices = orientation.by_series(np.linspace(-1e9, 1.6e9, 50))
    products = np.einsum("ijn,kjn->nik", matrices, matrices)
    assert products == pytest.approx(np.broadcast_to(np.eye(3), products.shape), abs=1e-12)
    assert np.linalg.det(np.moveaxis(matrices, -1, 0)) == pytest.approx(np.ones(50))
