"""``appraise send``: each recipient's files that are new since they were last sent, by mail, one message a person.

What was sent stands in OUT/sent.json and not in the ledger: the ledger is the evidence of what people submitted, the same
from scratch or step by step, while sending happens here and now and decides nothing. The file is rewritten after each
message that the server took, so a run that breaks off in the middle never sends anything twice.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import smtplib
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

from batch.core.finding import Finding, Place, UserError, finding
from batch.core.period import Period
from batch.files import Store, locked, sha256
from batch.i18n import Speaker
from batch.outbox import MANIFESTS, read_listing, written_in
from batch.roster import Mail, Office, Roster
from batch.scheme import Scheme
from batch.scope import OFFICE
from batch.titles import file_title, is_form

SENT = "sent.json"
_TIMEOUT = 30  # seconds to wait for the server
_CLOSING = 421  # "closing transmission channel"
_TYPES = {
    ".html": ("text", "html"),
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
State = Literal["sent", "due", "current", "by-hand", "failed"]
Book = dict[str, dict[str, dict[str, dict[str, str]]]]  # week → recipient → file name → {sha256, at, to}


@dataclass(frozen=True)
class Delivery:
    """What became of one recipient's files: sent; due (dry run); current (nothing new); by-hand or failed, with a reason."""

    staff_id: str
    name: str
    email: str
    state: State
    files: tuple[str, ...] = ()
    reason: Finding | None = None


@dataclass(frozen=True)
class Post:
    """An office's mail: who is written to, in whose words."""

    out: Path
    office: Office
    scheme: Scheme
    roster: Roster
    say: Speaker
    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def send(
        self, period: Period, now: str, dry_run: bool, told: Callable[[Delivery], None] = lambda _: None
    ) -> list[Delivery]:
        """Send, or only say, what is new for everybody in the period's outbox; ``told`` hears of each as it happens."""
        folder = self.out / "outbox" / str(period)
        if not (folder / "for").is_dir():
            raise UserError("mail.no-outbox", Place(str(folder)), week=period)
        settings = self.office.mail
        if settings is None and not dry_run:
            raise UserError("mail.no-settings", Place(str(self.folder / "office.toml")))
        done: list[Delivery] = []
        with locked(self.out) as store:
            if any(read_listing(path).unfinished for path in folder.glob(MANIFESTS)):
                raise UserError("mail.unfinished", Place(str(folder)), week=period)
            book = _read_book(self.out / SENT)
            line = _Line(settings, self._password(settings)) if settings and not dry_run else None
            try:
                for delivery, files in self._deliveries(period, now, folder, book):
                    made = delivery
                    if line and delivery.state == "due":
                        made = self._deliver(line, store, period, now, delivery, files, book)
                    done.append(made)
                    told(made)
            finally:
                if line:
                    line.close()
        return done

    def _deliver(
        self, line: _Line, store: Store, period: Period, now: str, due: Delivery, files: Mapping[str, bytes], book: Book
    ) -> Delivery:
        place = Place(str(self.folder / "roster.xlsx"), "people")
        try:
            line.send(self._message(line.settings, period, now, due, files), due.email)
        except (smtplib.SMTPException, OSError, MessageError, ValueError) as err:
            found = finding("mail.refused", place, due.staff_id, email=due.email, problem=_problem(err))
            return Delivery(due.staff_id, due.name, due.email, "failed", due.files, found)
        sent = book.setdefault(str(period), {}).setdefault(due.staff_id, {})
        sent.update({name: {"sha256": sha256(data), "at": now, "to": due.email} for name, data in files.items()})
        store.write(SENT, json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
        return Delivery(due.staff_id, due.name, due.email, "sent", due.files)

    # --- who gets what ------------------------------------------------------------------------------------------------

    def _deliveries(
        self, period: Period, now: str, folder: Path, book: Book
    ) -> Iterator[tuple[Delivery, Mapping[str, bytes]]]:
        """Everybody with a folder, by code: what is new for them, or why nothing can be sent to them."""
        written = written_in(folder)
        boxes = sorted(box.name for box in (folder / "for").iterdir() if box.is_dir() and not box.name.startswith("."))
        today = dt.date.fromisoformat(now[:10])
        people = {staff_id: self.roster.on(staff_id, today) for staff_id in boxes}
        emails = {staff_id: person.email.strip() for staff_id, person in people.items() if person}
        shared = Counter(email.casefold() for email in emails.values() if email)
        place = Place(str(self.folder / "roster.xlsx"), "people")
        for staff_id in boxes:
            before = _last_sent(book, staff_id)
            files, harmed = _files(folder, staff_id, written)
            new = {name: data for name, data in files.items() if before.get(name) != sha256(data)}
            email = emails.get(staff_id, "")
            name = self.say("The Office") if staff_id == OFFICE else self.roster.name(staff_id)
            state: State = "due" if new else "current"
            reason = None
            if harmed:
                state, reason = "failed", finding("mail.harmed", Place(f"for/{staff_id}/{harmed[0]}"), staff_id)
            elif new and staff_id == OFFICE:
                state, reason = "by-hand", finding("mail.office-unnamed", Place(str(self.folder / "office.toml")))
            elif new and people[staff_id] is None:
                state, reason = "by-hand", finding("mail.left", place, staff_id)
            elif new and not email:
                state, reason = "by-hand", finding("mail.no-address", place, staff_id)
            elif new and not _is_address(email):
                state, reason = "failed", finding("mail.bad-address", place, staff_id, found=email)
            elif new and shared[email.casefold()] > 1:
                state, reason = "failed", finding("mail.shared-address", place, staff_id, found=email)
            yield Delivery(staff_id, name, email, state, tuple(sorted(new)), reason), new

    # --- the message --------------------------------------------------------------------------------------------------

    def _message(self, settings: Mail, period: Period, now: str, due: Delivery, files: Mapping[str, bytes]) -> EmailMessage:
        say = self.say
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(_one_line(self.office.name), addr_spec=settings.sender)
        message["To"] = Address(_one_line(due.name), addr_spec=due.email)
        subject = say(
            "{scheme}, {week}: {count} files for you",
            scheme=self.scheme.named(say.lang),
            week=say.period_label(period),
            count=len(files),
        )
        message["Subject"] = _one_line(f"{self.office.name}: {subject}" if self.office.name else subject)
        message["Date"] = format_datetime(dt.datetime.fromisoformat(now))
        content = sha256(repr([str(period), due.staff_id, sorted((n, sha256(d)) for n, d in files.items())]).encode())
        message["Message-ID"] = f"<{content[:32]}@{settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        listed = [f"- {file_title(name, self.scheme, say, self.roster.called, period)} ({name})" for name in sorted(files)]
        forms = any(is_form(name, self.scheme) for name in files)
        text = [
            say("To {name} ({staff_id})", name=due.name, staff_id=due.staff_id),
            "",
            say.period_label(period),
            *listed,
            "",
            *([say("Fill in the shaded cells of the Excel forms and send them back to this address.")] if forms else []),
            say("This mail holds personal data and is for you alone; please don't pass it on."),
        ]
        message.set_content("\n".join(text) + "\n")
        for name in sorted(files):
            kind, subtype = _TYPES.get(Path(name).suffix, ("application", "octet-stream"))
            message.add_attachment(files[name], maintype=kind, subtype=subtype, filename=name)
        return message

    def _password(self, settings: Mail) -> str:
        if not settings.user:
            return ""
        password = self.environ.get(settings.password_env, "") if settings.password_env else ""
        if not password:
            place = Place(str(self.folder / "office.toml"), "mail")
            raise UserError("mail.no-password", place, name=settings.password_env or "password_env")
        return password


class _Line:
    """A line to the mail server: opened for the first message, opened again if the server hangs up."""

    def __init__(self, settings: Mail, password: str) -> None:
        self.settings = settings
        self._password = password
        self._smtp: smtplib.SMTP | None = None
        self._open()  # before anything is sent, so that wrong settings are said once and not for everybody

    def _open(self) -> smtplib.SMTP:
        settings = self.settings
        smtp = None
        try:
            smtp = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT)
            if settings.starttls:
                smtp.starttls(context=ssl.create_default_context())
            if settings.user:
                smtp.login(settings.user, self._password)
        except (smtplib.SMTPException, OSError, ValueError) as err:
            if smtp:
                smtp.close()
            place = Place(f"{settings.host}:{settings.port}")
            raise UserError("mail.no-server", place, problem=_problem(err)) from err
        self._smtp = smtp
        return smtp

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand over one message; whatever the server has against it is raised.

        A server that closes the line (421: not taken) is called again once. If the line breaks, nobody knows whether the
        message went through: that is a failure, and the next message gets a fresh line.
        """
        for last_try in (False, True):
            smtp = self._smtp or self._open()
            try:
                smtp.send_message(message, from_addr=self.settings.sender, to_addrs=[to])
                return
            except smtplib.SMTPException as err:
                closing = _status(err) == _CLOSING
                if closing or isinstance(err, smtplib.SMTPServerDisconnected):
                    self._hang_up()
                if last_try or not closing:
                    raise
            except OSError:
                self._hang_up()
                raise

    def _hang_up(self) -> None:
        if self._smtp:
            self._smtp.close()
            self._smtp = None

    def close(self) -> None:
        """Say goodbye, if somebody still listens."""
        if self._smtp:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()


def _files(folder: Path, staff_id: str, written: Mapping[str, str]) -> tuple[dict[str, bytes], Sequence[str]]:
    """The recipient's files that this program wrote, and the names of those that were changed since.

    What somebody else put into the folder stays there.
    """
    files: dict[str, bytes] = {}
    harmed = []
    for path in sorted((folder / "for" / staff_id).iterdir()):
        known = written.get(f"for/{staff_id}/{path.name}")
        if path.is_symlink() or not path.is_file() or known is None:
            continue
        data = path.read_bytes()
        if sha256(data) != known:
            harmed.append(path.name)
        files[path.name] = data
    return files, harmed


def _is_address(email: str) -> bool:
    try:
        return bool(Address(addr_spec=email).domain) and not re.search(r"[\s,;<>]", email)
    except (MessageError, ValueError, IndexError):
        return False


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _status(err: smtplib.SMTPException) -> int:
    """The server's code, 0 if there is none."""
    if isinstance(err, smtplib.SMTPRecipientsRefused):
        return next((int(code) for code, _ in err.recipients.values()), 0)
    return int(err.smtp_code) if isinstance(err, smtplib.SMTPResponseException) else 0


def _problem(err: Exception) -> str:
    """What the server or the system said, in one line."""
    if isinstance(err, smtplib.SMTPRecipientsRefused):
        return next((_reply(code, text) for code, text in err.recipients.values()), "")
    if isinstance(err, smtplib.SMTPResponseException):
        return _reply(err.smtp_code, err.smtp_error)
    return _one_line(str(err)) or type(err).__name__


def _reply(code: int, text: object) -> str:
    """'550 no such user'; servers answer in bytes."""
    return _one_line(f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}")


def _last_sent(book: Book, staff_id: str) -> dict[str, str]:
    """File name → hash of what the recipient was sent last, in whichever period's folder it lay."""
    entries = [
        (entry["at"], name, entry["sha256"]) for people in book.values() for name, entry in people.get(staff_id, {}).items()
    ]
    return {name: digest for _, name, digest in sorted(entries)}


def _read_book(path: Path) -> Book:
    """What was sent so far. A damaged book is refused: without it everybody would get everything again."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as err:
        raise UserError("mail.book-unreadable", Place(str(path)), problem=str(err)) from err
    try:
        return {
            week: {
                who: {name: {key: str(entry[key]) for key in ("sha256", "at", "to")} for name, entry in files.items()}
                for who, files in people.items()
            }
            for week, people in found.items()
        }
    except (AttributeError, KeyError, TypeError) as err:
        raise UserError("mail.book-unreadable", Place(str(path)), problem=str(err)) from err
