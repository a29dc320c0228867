"""Sending the outbox through a real mail server on loopback, as the secretary would."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from batch import mail
from batch.core.finding import UserError
from batch.core.period import Week
from tests.conftest import run_appraise
from tests.small_office import PEOPLE, SmallOffice
from tests.test_sample import digests

W = "2025-W26"
NOW = "2025-06-30T08:00"
HOST = "127.0.0.1"


class Patient(Controller):
    """Takes whatever port is free, and its time to come up."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection((HOST, self.port), 60) as first:
            first.recv(1)


class Server:
    """A mail server that keeps what it takes. ``refuse``: addresses it doesn't know; ``patience``: messages a session."""

    def __init__(self, **options: Any) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse: set[str] = set()
        self.patience = 1000
        self.sessions: dict[int, int] = {}
        self.controller = Patient(self, hostname=HOST, port=0, ready_timeout=60, **options)
        self.controller.start()
        self.port = self.controller.port

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.sessions[id(session)] = self.sessions.get(id(session), 0) + 1
        if self.sessions[id(session)] > self.patience:
            return "421 4.7.0 too many messages, call again"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m, rcpt in zip(self.messages, self.recipients, strict=True) if rcpt == address]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.controller.stop()


def settings(server: Server, more: str = "starttls = false") -> str:
    return f'[mail]\nhost = "{HOST}"\nport = {server.port}\nsender = "evaluation@example.org"\n{more}\n'


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    office = SmallOffice(tmp_path_factory.mktemp("reported"))
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    return office


@pytest.fixture
def office(reported: SmallOffice, tmp_path: Path, server: Server) -> SmallOffice:
    office = reported.copied(tmp_path)
    office.settings(settings(server))
    return office


def send(office: SmallOffice, *words: str, lang: str = "en", week: str = W) -> tuple[int, str]:
    done = run_appraise("--lang", lang, "send", week, "--office", office.folder, "--out", office.out, "--now", NOW, *words)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def attached(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content_bytes() for part in _parts(message)}


class _Part:
    def __init__(self, part: Any) -> None:
        self.get_filename = part.get_filename
        self._part = part

    def get_content_bytes(self) -> bytes:
        return bytes(self._part.get_payload(decode=True))


def _parts(message: EmailMessage) -> list[_Part]:
    return [_Part(part) for part in message.iter_attachments()]


def folder(office: SmallOffice, staff_id: str) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (office.out / "outbox" / W / "for" / staff_id).iterdir()}


def test_everybody_gets_their_own_folder_and_nothing_else(office: SmallOffice, server: Server) -> None:
    code, said = send(office)
    assert code == 0 and "8 people got mail." in said
    everybody = [line.split("|")[0] for line in PEOPLE.strip().splitlines()]
    assert sorted(server.recipients) == sorted(f"{who.lower()}@example.org" for who in everybody)
    for who in everybody:
        (message,) = server.to(f"{who.lower()}@example.org")
        assert attached(message) == folder(office, who)
        assert str(message["From"]) == "Test <evaluation@example.org>"
        assert [a.addr_spec for a in message["To"].addresses] == [f"{who.lower()}@example.org"]
    (message,) = server.to("a3@example.org")
    body = message.get_body(("plain",))
    assert body is not None
    assert "Phạm Văn Cường (A3)" in body.get_content()
    assert "- Result slip (slip-2025-W26.html)" in body.get_content()
    body = server.to("a1@example.org")[0].get_body(("plain",))
    assert body is not None and f"- Unit report, Vụ Một (D1) (unit-{W}-D1.xlsx)" in body.get_content()
    assert f"- Results of the people you approve (unit-{W}.html)" in body.get_content()
    assert "Week 26" in str(message["Subject"]) and "2 files for you" in str(
        message["Subject"]
    )  # their slip, next week's form


def test_never_twice_the_same_and_later_only_what_is_new(office: SmallOffice, server: Server) -> None:
    send(office)
    first = len(server.messages)
    code, said = send(office)
    assert (code, len(server.messages)) == (0, first)
    assert "0 people got mail." in said and "nothing new 8" in said
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    send(office)
    assert [sorted(attached(m)) for m in server.to("a3@example.org")[1:]] == [[f"slip-{W}.html"]]
    assert sorted(attached(server.to("a1@example.org")[1])) == [f"approval-{W}-A1.xlsx", f"unit-{W}.html"]
    assert len(server.to("b2@example.org")) == 1
    seen = {
        (to, name, data)
        for to, m in zip(server.recipients, server.messages, strict=True)
        for name, data in attached(m).items()
    }
    assert len(seen) == sum(len(attached(m)) for m in server.messages)


def test_next_weeks_form_goes_out_once_whichever_folder_it_lies_in(office: SmallOffice, server: Server) -> None:
    send(office)
    office.issue("2025-W27")
    first = len(server.messages)
    assert send(office, week="2025-W27")[0] == 0
    again = dict(zip(server.recipients[first:], server.messages[first:], strict=True))
    assert again.keys() == {f"{who}@example.org" for who in ("l1", "a1", "a2", "b1")}  # whoever has a sheet to fill in
    assert {name for message in again.values() for name in attached(message)} == {
        f"review-2025-W27-{who}.xlsx" for who in ("L1", "A1", "A2", "B1")
    }


def test_a_dry_run_says_who_would_get_what_and_sends_nothing(office: SmallOffice, server: Server) -> None:
    before = digests(office.out)
    code, said = send(office, "--dry-run")
    assert code == 0
    assert f"A4 Vũ Thị Dung <a4@example.org>: self-{W}-A4.xlsx, self-2025-W27-A4.xlsx, slip-{W}.html" in said
    assert f"A3 Phạm Văn Cường <a3@example.org>: self-2025-W27-A3.xlsx, slip-{W}.html" in said  # whose report has come
    assert "8 people would get mail; nothing was sent." in said
    assert "office_id" in said  # the Office's page has no reader yet
    assert server.messages == [] and digests(office.out) == before
    office.settings()  # a dry run needs no mail server
    assert send(office, "--dry-run")[0] == 0
    told = json.loads(send(office, "--dry-run", "--json")[1])
    assert {r["state"] for r in told["recipients"]} == {"due", "by-hand"}


def test_one_refused_address_stops_nobody_else(office: SmallOffice, server: Server) -> None:
    server.refuse = {"a3@example.org"}
    code, said = send(office)
    assert code == 1
    assert "A3 Phạm Văn Cường: Not delivered to a3@example.org: 550 5.1.1 no such user" in said
    assert len(server.messages) == 7 and "failed 1" in said
    server.refuse = set()
    assert send(office)[0] == 0
    assert server.recipients[7:] == ["a3@example.org"]  # and nobody else again


def test_a_server_that_wants_to_be_called_again_is_called_again(office: SmallOffice, server: Server) -> None:
    server.patience = 3
    assert send(office)[0] == 0
    assert len(server.messages) == len(set(server.recipients)) == 8


def test_what_was_sent_is_remembered_message_by_message(office: SmallOffice, server: Server) -> None:
    setup = office.setup()
    post = mail.Post(office.out, setup.office, setup.scheme, setup.roster, setup.say, office.folder)

    def pull_the_plug(made: mail.Delivery) -> None:
        if len(server.messages) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        post.send(Week.parse(W), NOW + "+07:00", False, pull_the_plug)
    post.send(Week.parse(W), NOW + "+07:00", False)
    assert len(server.messages) == len(set(server.recipients)) == 8


def test_whom_no_mail_can_reach_is_named_with_the_reason(tmp_path: Path, server: Server) -> None:
    people = PEOPLE.replace("a3@example.org", "").replace("a4@example.org", "not an address")
    people = people.replace("b3@example.org", "B2@example.org").replace(
        "a2@example.org|01/01/2025|", "a2@example.org|01/01/2025|29/06/2025"
    )
    office = SmallOffice(tmp_path, settings(server), people=people)
    office.issue(W)
    office.run(W)
    code, said = send(office)
    assert code == 1
    for line in (
        "A3 Phạm Văn Cường: There is no e-mail address.",
        "A4 Vũ Thị Dung: 'not an address' is no e-mail address.",
        "B2 Hoàng Thị Giang: 'b2@example.org' is the address of several people",
        "A2 Trần Thị Bình: No longer in service; nothing is sent.",
        "The Office: Nobody is named to get the Office's page.",
    ):
        assert line in said, said
    assert sorted(server.recipients) == ["a1@example.org", "b1@example.org", "l1@example.org"]


def test_what_the_program_did_not_write_is_not_sent(office: SmallOffice, server: Server) -> None:
    box = office.out / "outbox" / W / "for"
    (box / "A3" / "salary of everybody.xlsx").write_bytes(b"no")
    (box / "A3" / f"self-{W}-A4.xlsx").write_bytes(b"somebody else's form")
    (box / "A3" / ".~lock.slip.html#").write_bytes(b"no")
    (box / "A4" / f"slip-{W}.html").write_text("tampered", encoding="utf-8")
    code, said = send(office)
    assert code == 1 and "A4 Vũ Thị Dung: A file was changed after the run wrote it" in said
    assert sorted(attached(server.to("a3@example.org")[0])) == ["self-2025-W27-A3.xlsx", f"slip-{W}.html"]
    assert server.to("a4@example.org") == []
    office.run(W)
    assert send(office)[0] == 0
    assert len(server.to("a4@example.org")) == 1


def test_the_office_gets_its_page_when_it_names_somebody(office: SmallOffice, server: Server) -> None:
    office.settings('office_id = "B3"\n' + settings(server))
    office.run(W)
    send(office)
    assert f"office-{W}.html" in attached(server.to("b3@example.org")[0])


@pytest.mark.parametrize("damage", ["{", "[]", '{"2025-W26": {"A3": {"x": 1}}}'])
def test_a_damaged_record_is_refused_before_anything_is_sent_again(office: SmallOffice, server: Server, damage: str) -> None:
    (office.out / "sent.json").write_text(damage, encoding="utf-8")
    code, said = send(office)
    assert code == 2 and "sent.json" in said and len(said.strip().splitlines()) == 1
    assert server.messages == []


def test_wrong_settings_are_said_in_one_line(office: SmallOffice, server: Server) -> None:
    office.settings()
    code, said = send(office)
    assert code == 2 and "office.toml" in said and "[mail]" in said
    office.settings('[mail]\nhost = "x"\nsender = "no address"\n')
    code, said = send(office)
    assert code == 2 and "mail.sender" in said
    office.settings(settings(server, "starttls = true"))  # the server has no STARTTLS: never in the clear instead
    code, said = send(office)
    assert code == 2 and f"{HOST}:{server.port}" in said and "STARTTLS" in said
    assert server.messages == []
    with socket.socket() as free:
        free.bind((HOST, 0))
        nobody = settings(server).replace(str(server.port), str(free.getsockname()[1]))
    office.settings(nobody)
    code, said = send(office)
    assert code == 2 and "The mail server can't be used" in said and len(said.strip().splitlines()) == 1


def test_a_week_without_an_outbox(office: SmallOffice) -> None:
    setup = office.setup()
    post = mail.Post(office.out, setup.office, setup.scheme, setup.roster, setup.say, office.folder)
    with pytest.raises(UserError) as caught:
        post.send(Week.parse("2025-W01"), NOW, True)
    assert caught.value.finding.code == "mail.no-outbox"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_user_and_password_come_from_the_environment(office: SmallOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"clerk", b"open sesame")
        return AuthResult(success=known, handled=known)

    guarded = Server(authenticator=check, auth_required=True, auth_require_tls=False)
    try:
        login = 'starttls = false\nuser = "clerk"\npassword_env = "APPRAISE_TEST_PASSWORD"'
        office.settings(settings(guarded, login))
        monkeypatch.delenv("APPRAISE_TEST_PASSWORD", raising=False)
        code, said = send(office)
        assert code == 2 and "APPRAISE_TEST_PASSWORD" in said
        monkeypatch.setenv("APPRAISE_TEST_PASSWORD", "wrong")
        code, said = send(office)
        assert code == 2 and "535" in said and "wrong" not in said and guarded.messages == []
        monkeypatch.setenv("APPRAISE_TEST_PASSWORD", "open sesame")
        assert send(office)[0] == 0
        assert len(guarded.messages) == 8
    finally:
        guarded.controller.stop()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the server's certificate")
def test_starttls_with_a_certificate_that_is_checked(
    office: SmallOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    words += ["-addext", f"subjectAltName=IP:{HOST}", "-keyout", "tls.key", "-out", "tls.crt"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    guarded = Server(tls_context=context, require_starttls=True)
    try:
        office.settings(settings(guarded, "starttls = true"))
        code, said = send(office)
        assert code == 2 and "certificate" in said.lower() and guarded.messages == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.crt"))
        assert send(office)[0] == 0
        assert len(guarded.messages) == 8
    finally:
        guarded.controller.stop()


@pytest.mark.parametrize(
    ("lang", "subject"), [("vi", "Đánh giá kết quả công tác tuần – Tuần"), ("th", "การประเมินผลการปฏิบัติงานรายสัปดาห์ สัปดาห์")]
)
def test_mail_in_the_offices_language(office: SmallOffice, server: Server, lang: str, subject: str) -> None:
    send(office, lang=lang)
    assert subject in str(server.messages[0]["Subject"])
    body = server.messages[0].get_body(("plain",))
    assert body is not None and "A1" in body.get_content()


def test_the_same_message_has_the_same_id(office: SmallOffice, server: Server) -> None:
    send(office)
    ids = {rcpt: m["Message-ID"] for rcpt, m in zip(server.recipients, server.messages, strict=True)}
    (office.out / "sent.json").unlink()
    send(office)
    again = {rcpt: m["Message-ID"] for rcpt, m in zip(server.recipients[8:], server.messages[8:], strict=True)}
    assert ids == again and len(set(ids.values())) == 8
