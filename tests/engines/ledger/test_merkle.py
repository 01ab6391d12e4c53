"""The Merkle log against the recursive definition of RFC 6962 and its published test vectors, for every size up to 40."""

import base64
import hashlib

import pytest

from moonbridge.engines.ledger import checkpoints, merkle, seal
from moonbridge.errors import TamperedError

# The eight leaves of the Certificate Transparency project's test vectors, and the roots of the trees of 1 to 8 of them.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word, over the hashes of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def hashes(many: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(many)]


def test_roots_are_those_of_the_published_vectors() -> None:
    leaves = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    assert [merkle.root_of(leaves[:size]).hex() for size in range(1, 9)] == ROOTS
    assert [merkle.Tree(leaves).root(size).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root_of([]) == merkle.Tree([]).root(0) == hashlib.sha256(b"").digest()


def test_frontier_and_tree_agree_with_the_definition() -> None:
    leaves = hashes(40)
    tree = merkle.Tree(leaves)
    for size in range(1, 41):
        assert merkle.root_of(leaves[:size]) == tree.root(size) == by_definition(leaves[:size])


def test_every_inclusion_is_proven_and_no_other_leaf_is() -> None:
    leaves = hashes(20)
    tree = merkle.Tree(leaves)
    for size in range(1, 21):
        for index in range(size):
            proof = tree.inclusion(index, size)
            merkle.check_inclusion(leaves[index], index, size, proof, tree.root(size))
            with pytest.raises(TamperedError):
                merkle.check_inclusion(merkle.leaf_hash(b"other"), index, size, proof, tree.root(size))
            with pytest.raises(TamperedError):
                merkle.check_inclusion(leaves[index], index, size, [*proof, leaves[0]], tree.root(size))
    with pytest.raises(TamperedError, match="does not have"):
        merkle.check_inclusion(leaves[0], 20, 20, [], tree.root(20))


def test_every_growth_is_proven_and_a_rewritten_history_is_not() -> None:
    leaves = hashes(20)
    tree = merkle.Tree(leaves)
    rewritten = merkle.Tree([merkle.leaf_hash(b"other"), *leaves[1:]])
    for new in range(1, 21):
        for old in range(1, new + 1):
            proof = tree.consistency(old, new)
            merkle.check_consistency(old, new, (tree.root(old), tree.root(new)), proof)
            with pytest.raises(TamperedError):
                merkle.check_consistency(old, new, (rewritten.root(old), tree.root(new)), proof)
            with pytest.raises(TamperedError):
                merkle.check_consistency(old, new, (tree.root(old), tree.root(new)), [*proof, leaves[0]])
    with pytest.raises(TamperedError):
        merkle.check_consistency(2, 1, (tree.root(2), tree.root(1)), [])


def a_signer(number: int) -> seal.Signer:
    return seal.Signer(base64.b64encode(bytes([number]) * 32).decode())


def test_a_checkpoint_is_signed_and_partners_sign_below() -> None:
    agency, partner = a_signer(1), a_signer(2)
    state = checkpoints.Checkpoint("moonbridge.example/ledger/ce5", 3, merkle.root_of(hashes(3)))
    note = checkpoints.sign(state, agency)
    assert note.splitlines()[:3] == [state.origin, "3", base64.b64encode(state.root).decode()]
    assert note.splitlines()[4].startswith("— moonbridge.example/ledger/ce5 ")
    assert checkpoints.opened(note, agency.public_key) == state
    line = checkpoints.cosign(note, "partner.example", partner, at=1_790_000_000)
    assert checkpoints.check_cosignature(note, line, "partner.example", partner.public_key) == 1_790_000_000
    assert checkpoints.opened(note + line, agency.public_key) == state


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\n3\n", "\n4\n", 1),
        lambda note: note.replace("ce5", "ce6", 1),
        lambda note: note.partition("\n\n")[0] + "\n",
        lambda note: "hello",
    ],
)
def test_an_altered_checkpoint_is_refused(change) -> None:
    agency, partner = a_signer(1), a_signer(2)
    state = checkpoints.Checkpoint("moonbridge.example/ledger/ce5", 3, merkle.root_of(hashes(3)))
    note = checkpoints.sign(state, agency)
    line = checkpoints.cosign(note, "partner.example", partner, at=1_790_000_000)
    with pytest.raises(TamperedError):
        checkpoints.opened(change(note), agency.public_key)
    with pytest.raises(TamperedError):
        checkpoints.opened(note, partner.public_key)
    with pytest.raises(TamperedError):
        checkpoints.check_cosignature(note, line, "partner.example", agency.public_key)
