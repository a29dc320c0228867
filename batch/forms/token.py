"""Signed form headers: a form can't be invented, readdressed or moved to another week without the office's key.

HMAC-SHA256 through itsdangerous, deterministic. The key file holds one key a line. The first signs, all are accepted: a key
is rotated by putting a new line on top. A line that begins with ``retired`` keeps a key only to tell its forms, which are
refused, from forged ones. What was received while a key was good stays received.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from itsdangerous import Signer

from batch.core.finding import Phrase, Place, UserError
from batch.files import trouble
from batch.forms.keys import HEADER_KEYS
from batch.roster import Office

KEY = "key"  # in OUT, unless the office names a file of its own
_RETIRED = "retired"
_DEMO = "demo-key"  # what the sample offices' keys begin with; they guard nothing
_SIGNED = tuple(key for key in HEADER_KEYS if key != "token")


class Keys:
    """The office's signing keys. ``exposed``: anybody on this machine can read the file they come from."""

    def __init__(self, keys: Sequence[str], retired: Sequence[str] = (), exposed: bool = False) -> None:
        self._signer = _signer([*reversed(keys)])  # itsdangerous signs with the last and accepts all
        self._retired = _signer(retired) if retired else None
        self._seal = _signer([*reversed(keys)], "appraise-kept")
        self._all = (tuple(keys), tuple(retired))
        self.exposed = exposed

    @staticmethod
    def load(path: Path) -> Keys:
        """Read the key file. Raises ``config.key-unreadable``."""
        lines = read_key_lines(path)
        good = [line for line in lines if not _is_retired(line)]
        if not good:
            problem = Phrase("every key in it is withdrawn") if lines else Phrase("empty")
            raise UserError("config.key-unreadable", Place(str(path)), problem=problem)
        open_to_all = bool(path.stat().st_mode & 0o004) and not good[0].casefold().startswith(_DEMO)
        retired = [line.split()[-1] for line in lines if _is_retired(line)]
        return Keys(good, retired, exposed=os.name == "posix" and open_to_all)

    @staticmethod
    def none() -> Keys:
        """The keys of an office that has issued nothing yet: no form is genuine."""
        return Keys([secrets.token_hex(32)])

    @property
    def fingerprints(self) -> list[list[str]]:
        """Tell keys apart without telling them: those that are good, the one that signs first; those that are retired."""
        return [[_signer([key]).get_signature(b"fingerprint").decode("ascii")[:12] for key in keys] for keys in self._all]

    def sign(self, header: Mapping[str, str]) -> str:
        """The token for a form header."""
        return self._signer.get_signature(_canonical(header)).decode("ascii")

    def seal(self, data: bytes) -> str:
        """A signature over something that the program keeps for itself; it is none of a form's header."""
        return self._seal.get_signature(data).decode("ascii")

    def sealed(self, data: bytes, seal: str) -> bool:
        """Whether :meth:`seal` gave this signature for this very content."""
        return self._seal.verify_signature(data, seal)

    def genuine(self, header: Mapping[str, str]) -> bool:
        """Whether the header's token was made for exactly this header, with a key that is still good."""
        return self._signer.verify_signature(_canonical(header), header.get("token", ""))

    def withdrawn(self, header: Mapping[str, str]) -> bool:
        """Whether the header's token was made for exactly this header, with a key that is retired."""
        return self._retired is not None and self._retired.verify_signature(_canonical(header), header.get("token", ""))


def key_path(folder: Path, office: Office, out: Path) -> Path:
    """Where the office's key lies: the file it names, else OUT/key."""
    return folder / office.key if office.key else out / KEY


def read_key_lines(path: Path) -> list[str]:
    """The lines of a key file that hold a key. Raises ``config.key-unreadable``."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as err:
        raise UserError("config.key-unreadable", Place(str(path)), problem=trouble(err)) from err
    except ValueError as err:  # not UTF-8, or a name no file can have
        raise UserError("config.key-unreadable", Place(str(path)), problem=str(err)) from err
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def new_key_file(lines: Sequence[str], retire: bool = False) -> bytes:
    """A key file with a fresh key above those it had; ``retire`` withdraws these."""
    kept = [f"{_RETIRED} {line}" if retire and not _is_retired(line) else line for line in lines]
    return "".join(f"{line}\n" for line in (secrets.token_hex(32), *kept)).encode()


def _is_retired(line: str) -> bool:
    return line.split()[0] == _RETIRED and len(line.split()) > 1


def _signer(keys: Sequence[str], salt: str = "appraise-form") -> Signer:
    return Signer([*keys], salt=salt, digest_method=sha256)


def _canonical(header: Mapping[str, str]) -> bytes:
    """Every signed key and value, length before content so that nothing can be shifted from one to the next."""
    return "".join(f"{key}={len(header.get(key, ''))}:{header.get(key, '')};" for key in _SIGNED).encode()
