"""Encryption of personal fields: what goes in comes out, and nothing else does."""

from __future__ import annotations

import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from lastmile.kernel.ciphers import NONCE
from lastmile.kernel.crypto import Keyring
from lastmile.kernel.fields import MASK, Sealed, SealedField, mask, seal

TEXT = st.text(max_size=200)
LABEL = st.binary(min_size=1, max_size=30)
OLD_KEY, NEW_KEY, INDEX = (secrets.token_bytes(32) for _key in range(3))
OLD, NEW = ("aes", OLD_KEY), ("aes", NEW_KEY)
RING = Keyring({1: OLD}, INDEX)
ROTATED = Keyring({1: OLD, 2: NEW}, INDEX)


@given(TEXT, LABEL)
def test_what_goes_in_comes_out(text: str, label: bytes) -> None:
    assert RING.decrypt(RING.encrypt(text, label), label) == text


@given(TEXT, LABEL, LABEL)
def test_a_value_can_not_move_to_another_column(text: str, label: bytes, other: bytes) -> None:
    if label != other:
        with pytest.raises(ValueError, match="another column"):
            RING.decrypt(RING.encrypt(text, label), other)


@given(TEXT, st.data())
def test_one_changed_bit_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(RING.encrypt(text, b"x"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError, match=r"altered|not in LASTMILE_FIELD_KEYS"):
        RING.decrypt(bytes(sealed), b"x")


@given(st.binary(max_size=60))
def test_rubbish_is_a_value_error_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(ValueError, match="field"):
        RING.decrypt(data, b"x")


@given(TEXT)
def test_equal_texts_look_different_at_rest_and_equal_in_the_index(text: str) -> None:
    assert RING.encrypt(text, b"x") != RING.encrypt(text, b"x")
    assert RING.blind(text) == ROTATED.blind(text)
    assert len(RING.blind(text)) == 16


@given(st.text(min_size=1), st.text(min_size=1))
def test_the_index_tells_texts_apart_and_depends_on_its_key(one: str, other: str) -> None:
    if one != other:
        assert RING.blind(one) != RING.blind(other)
    assert RING.blind(one) != Keyring({1: OLD}, NEW_KEY).blind(one)


@given(TEXT)
def test_after_rotation_old_values_read_and_new_ones_use_the_new_key(text: str) -> None:
    old = RING.encrypt(text, b"x")
    assert ROTATED.decrypt(old, b"x") == text
    assert ROTATED.is_stale(old)
    new = ROTATED.encrypt(text, b"x")
    assert new[0] == 2
    assert not ROTATED.is_stale(new)
    with pytest.raises(ValueError, match="number 2"):
        RING.decrypt(new, b"x")


def test_the_layout_is_what_the_documentation_says() -> None:
    assert len(RING.encrypt("1234", b"x")) == 1 + NONCE + 4 + 16


@pytest.mark.parametrize("text", ["", "1:abcd", "1:" + "0" * 62, "x:" + "0" * 64, "1:" + "z" * 64, "0:" + "ab" * 32])
def test_bad_keys_are_named(text: str) -> None:
    with pytest.raises((ImproperlyConfigured, ValueError)):
        Keyring.parse(text, INDEX.hex())


def test_several_keys_are_read_from_lines_or_commas() -> None:
    assert Keyring.parse(f"1:{OLD_KEY.hex()}\n2:{NEW_KEY.hex()},", INDEX.hex()).current == 2


@given(st.text(min_size=1, max_size=40))
def test_a_sealed_value_never_shows_itself(text: str) -> None:
    sealed = Sealed(seal(text, "t"), b"t")
    assert f"{sealed}{sealed!r}{[sealed]}" == f"{MASK}{MASK}[{MASK}]"
    assert sealed.reveal() == text


@given(st.text(max_size=60))
def test_a_mask_shows_at_most_seven_characters_of_a_name_or_number(text: str) -> None:
    hidden = mask(text)
    if "@" not in text:
        assert len(hidden.replace(MASK, "")) <= 7
    assert text == "" or MASK in hidden


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("李", "李＊＊"),
        ("李春花", "李＊＊"),
        ("13812341234", "138＊＊1234"),
        ("+8610012345678", "+86＊＊5678"),
        ("wang@example.cn", "w＊＊@example.cn"),
        ("崔庙镇王宗店村3号", "崔＊＊"),
    ],
)
def test_masks(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_a_sealed_field_copies_ciphertext_without_opening_it() -> None:
    field = SealedField(label="t")
    data = seal("李春花", "t")
    assert field.get_prep_value(Sealed(data, b"t")) == data
    assert field.get_prep_value(None) is None
