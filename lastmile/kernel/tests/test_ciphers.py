"""SM4 beside AES: as published, as an independent program has it, and changed to and back while everything is read."""

from __future__ import annotations

import secrets
from io import StringIO
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lastmile.community.people.models import Contact
from lastmile.community.people.queries.households import by_contact
from lastmile.kernel import ciphers, keys, rotation
from lastmile.kernel.checks import keys as check_keys
from lastmile.kernel.ciphers import NONCE, TAG, Sm4Gcm
from lastmile.kernel.crypto import Keyring, keyring
from lastmile.kernel.models import KeyRotation
from lastmile.site import doctor
from tests.world import World

# RFC 8998, appendix A.1
KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
IV = bytes.fromhex("00001234567800000000ABCD")
LABEL = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
PLAIN = b"".join(bytes([byte] * 8) for byte in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
SEALED = bytes.fromhex(
    "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
    "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    "83DE3541E4C2B58177E065A9BF7B62EC"
)
TEXT = st.binary(min_size=1, max_size=100)  # GmSSL takes no empty one
INDEX = secrets.token_bytes(32)
AES, SM4 = ("aes", secrets.token_bytes(32)), ("sm4", secrets.token_bytes(16))


def test_it_is_the_cipher_of_the_rfc() -> None:
    assert Sm4Gcm(KEY).encrypt(IV, PLAIN, LABEL) == SEALED
    assert Sm4Gcm(KEY).decrypt(IV, SEALED, LABEL) == PLAIN


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=NONCE, max_size=NONCE), TEXT, TEXT)
def test_an_independent_program_seals_and_opens_alike(key: bytes, nonce: bytes, data: bytes, label: bytes) -> None:
    gmssl = pytest.importorskip("gmssl_pyx", reason="SKIPPED LOUDLY: the extra “sm” is not installed")
    sealed, tag = gmssl.sm4_gcm_encrypt(key, nonce, label, data)
    ours = Sm4Gcm(key).encrypt(nonce, data, label)
    assert ours == sealed + tag
    assert gmssl.sm4_gcm_decrypt(key, nonce, label, ours[:-TAG], ours[-TAG:]) == data


@given(st.text(max_size=60), st.data())
def test_one_changed_bit_or_another_column_is_noticed(text: str, data: st.DataObject) -> None:
    ring = Keyring({1: SM4}, INDEX)
    sealed = bytearray(ring.encrypt(text, b"x"))
    assert ring.decrypt(bytes(sealed), b"x") == text
    assert len(sealed) == len(Keyring({1: AES}, INDEX).encrypt(text, b"x"))
    with pytest.raises(ValueError, match="another column"):
        ring.decrypt(bytes(sealed), b"y")
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError, match=r"altered|not in LASTMILE_FIELD_KEYS"):
        ring.decrypt(bytes(sealed), b"x")


@pytest.mark.parametrize("name", ciphers.SIZES)
@pytest.mark.parametrize("length", [0, 1, TAG - 1, TAG])
def test_what_is_cut_off_is_noticed_alike_under_either(name: str, length: int) -> None:
    cipher = ciphers.make(name, secrets.token_bytes(ciphers.SIZES[name]))
    with pytest.raises(InvalidTag):
        cipher.decrypt(bytes(NONCE), bytes(length), b"label")


def test_both_are_read_together_and_the_newest_key_seals() -> None:
    aes, both = Keyring({1: AES}, INDEX), Keyring({1: AES, 2: SM4}, INDEX)
    values = [aes.encrypt("李春花", b"x"), both.encrypt("王建国", b"x")]
    assert both.decrypt_many(values, b"x") == ["李春花", "王建国"]
    assert (both.cipher, both.ciphers) == ("sm4", {1: "AES-256-GCM", 2: "SM4-GCM"})
    assert both.blind("1") == aes.blind("1")
    with pytest.raises(InvalidTag):
        Sm4Gcm(SM4[1]).decrypt(bytes(NONCE), values[0][1 + NONCE :], b"x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"1:sm4:{'ab' * 32}", "16 bytes"),
        (f"1:sm4:{'ab' * 15}", "16 bytes"),
        (f"1:{'ab' * 16}", "32 bytes"),
        (f"1:des:{'ab' * 16}", "of “des”"),
    ],
)
def test_a_key_that_does_not_fit_its_cipher_is_named(text: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        Keyring.parse(text, INDEX.hex())


def test_a_machine_without_sm4_says_so_in_words(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(*_args: object) -> None:
        raise UnsupportedAlgorithm("cipher not supported")

    settings.FIELD_KEYS = f"1:{secrets.token_hex(32)},2:sm4:{secrets.token_hex(16)}"
    assert [found.id for found in check_keys() if found.id == "lastmile.E005"] == []
    monkeypatch.setattr(ciphers, "OpenSSL", lacks)
    found = next(found for found in check_keys() if found.is_serious())
    assert found.id == "lastmile.E005"
    assert "SM4" in str(found.msg)


def test_a_new_key_is_of_the_cipher_in_use_or_the_one_named(settings: Any) -> None:
    def rotated(*options: str) -> str:
        call_command("keys", "rotate", *options, stdout=(shown := StringIO()))
        return next(line.strip() for line in shown.getvalue().splitlines() if line.strip().startswith(","))

    assert len(rotated()) == len(",2:") + 64
    sm4 = rotated("--cipher", "sm4")
    assert sm4.startswith(",2:sm4:")
    settings.FIELD_KEYS += sm4
    assert keyring().cipher == "sm4"
    assert rotated().startswith(",3:sm4:"), "it stays"
    assert "sm4" not in rotated("--cipher", "aes")
    call_command("keys", "new", "--cipher", "sm4", stdout=(new := StringIO()))
    assert "\nLASTMILE_FIELD_KEYS=1:sm4:" in new.getvalue()
    with pytest.raises(CommandError):
        call_command("keys", "status", "--cipher", "sm4")


def values() -> list[tuple[str, str]]:
    return [(c.value.reveal(), c.person.name.reveal()) for c in Contact.objects.select_related("person").order_by("pk")]


@pytest.mark.django_db
def test_from_aes_to_sm4_and_back_by_two_changes_of_keys_with_reads_all_the_time(settings: Any, client: Client) -> None:
    world = World.build(households=2)
    before, contact = values(), Contact.objects.earliest("pk")
    number = contact.value.reveal()
    for step, cipher in ((2, "sm4"), (3, "aes")):
        settings.FIELD_KEYS += f",{step}:{ciphers.fresh(cipher)}"
        run = rotation.start("test", lambda pk: None)
        rotation._count(run.pk)
        while rotation._batch(run.pk):
            assert values() == before
            assert contact.person in by_contact(number)
        run.refresh_from_db()
        assert (run.trouble, run.done, run.left) == ("", run.total, {})
        assert {number for column in keys.columns() for number in keys.by_number(column)} == {step}
        settings.FIELD_KEYS = settings.FIELD_KEYS.rpartition(",")[2]
        assert values() == before, "without the older key"
        name = ciphers.NAMES[cipher]
        assert name in "".join(found.says for found in doctor.field_keys())
        world.login(client, "system")
        assert f"Cipher: {name}" in client.get("/keys/", headers={"Accept-Language": "en"}).content.decode()
        call_command("keys", "status", stdout=(shown := StringIO()))
        assert f"{step}: {name}" in shown.getvalue()
    assert KeyRotation.objects.count() == 2
