"""A certificate authority made for one test, and the certificates it signs."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """`file` holds its own certificate: what an operator puts into LASTMILE_SMTP_CA."""

    def __init__(self, folder: Path, name: str = "county") -> None:
        self.folder, self.name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} CA")])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}-ca.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        own = self._builder(self.name, self._key.public_key(), 1).add_extension(constraints, critical=True)
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, name: str = "localhost", *, days: int = 1) -> ssl.SSLContext:
        """What a mail server of this name speaks TLS with; with negative `days` its certificate has expired."""
        path = self._signed(name, days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def files(self, name: str) -> tuple[Path, Path]:
        """(certificate, key) of somebody of this name, a server or a client, made once."""
        path = self.folder / f"{self.file.stem}-{name}-1.pem"
        whole = (path if path.exists() else self._signed(name, 1)).read_bytes()
        begins = whole.index(b"-----BEGIN CERTIFICATE")
        certificate, key = path.with_suffix(".crt"), path.with_suffix(".key")
        certificate.write_bytes(whole[begins:])
        key.write_bytes(whole[:begins])
        return certificate, key

    def _signed(self, name: str, days: int) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        signed = self._builder(subject, key.public_key(), days).add_extension(names, critical=False)
        path = self.folder / f"{self.file.stem}-{name}-{days}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = signed.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        path.write_bytes(private + public)
        return path

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        until = now + days * DAY
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, until) - DAY)
            .not_valid_after(until)
        )
