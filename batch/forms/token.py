"""Signed form headers: a form can't be invented, readdressed or moved to another week without the office's key.

HMAC-SHA256 through itsdangerous, deterministic. The key file holds one key a line: the first signs, all of them are
accepted, so a key is rotated by putting a new line on top.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from itsdangerous import Signer

from batch.core.finding import Phrase, Place, UserError
from batch.forms.keys import HEADER_KEYS

_SIGNED = tuple(key for key in HEADER_KEYS if key != "token")


class Keys:
    """The office's signing keys."""

    def __init__(self, keys: list[str]) -> None:
        self._signer = Signer([*reversed(keys)], salt="appraise-form", digest_method=sha256)

    @staticmethod
    def load(path: Path, create: bool) -> Keys:
        """Read the key file; ``create`` makes one (mode 0600) if there is none. Raises ``config.key-unreadable``."""
        try:
            if create and not path.exists():
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="ascii") as stream:
                    stream.write(secrets.token_hex(32) + "\n")
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as err:  # ValueError: not UTF-8, or a name no file can have
            raise UserError("config.key-unreadable", Place(str(path)), problem=str(err)) from err
        keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        if not keys:
            raise UserError("config.key-unreadable", Place(str(path)), problem=Phrase("empty"))
        return Keys(keys)

    @staticmethod
    def none() -> Keys:
        """The keys of an office that has issued nothing yet: no form is genuine."""
        return Keys([secrets.token_hex(32)])

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without telling them."""
        return self._signer.get_signature(b"fingerprint").decode("ascii")[:12]

    def sign(self, header: Mapping[str, str]) -> str:
        """The token for a form header."""
        return self._signer.get_signature(_canonical(header)).decode("ascii")

    def genuine(self, header: Mapping[str, str]) -> bool:
        """Whether the header's token was made for exactly this header."""
        return self._signer.verify_signature(_canonical(header), header.get("token", ""))


def _canonical(header: Mapping[str, str]) -> bytes:
    """Every signed key and value, length before content so that nothing can be shifted from one to the next."""
    return "".join(f"{key}={len(header.get(key, ''))}:{header.get(key, '')};" for key in _SIGNED).encode()
