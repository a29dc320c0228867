"""Which forms are due, and writing them: every person's self form, each reviewer's and each approver's sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batch.core.codes import CODES
from batch.core.finding import Phrase, Place, UserError
from batch.core.period import Week
from batch.core.records import Case
from batch.files import resource
from batch.forms.extract import read_form
from batch.forms.layout import HEADER_KEYS
from batch.forms.stamp import Master
from batch.forms.token import Keys
from batch.i18n import Speaker
from batch.roster import Office, Roster
from batch.scheme import Scheme, Stage
from batch.sheet.read import Unreadable

TEMPLATE_VERSION = "1"
Sent = Mapping[tuple[str, str], set[str]]  # (stage, author) → contents of the forms they sent for a week


@dataclass(frozen=True)
class Form:
    """A form ready to be handed over: to whom, its file name, its bytes, and how many people it is about."""

    addressee: str
    stage: str
    name: str
    data: bytes
    people: int


class Issuer:
    """Writes forms of one office, in one language, under one scheme."""

    def __init__(self, folder: Path, office: Office, scheme: Scheme, roster: Roster, keys: Keys, say: Speaker) -> None:
        self._folder = folder
        self._scheme = scheme
        self._roster = roster
        self._keys = keys
        self._say = say
        self._masters: dict[str, Master] = {}
        self._static = _static(office, scheme, say)

    # --- what is due ------------------------------------------------------------------------------------------------

    def self_forms(self, week: Week, cases: Mapping[str, Case], sent: Sent) -> Iterable[Form]:
        """A self form for everybody who is to be evaluated; it corrects what they sent before, if anything."""
        stage = self._stage("subject")
        for staff_id, case in cases.items():
            if case.state != "excused":
                yield self._form(stage, week, staff_id, case, [], sorted(sent.get((stage.id, staff_id), ())))

    def review_sheets(
        self,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
    ) -> Iterable[Form]:
        """A sheet per reviewer with those still to be reviewed (``again``: with all), nobody who is excused."""
        open_cases = [c for c in cases.values() if c.state != "excused" and (again or not c.review or _sent_back(c))]
        due = [c for c in open_cases if c.reviewer_id and c.reviewer_id != c.staff_id]
        yield from self._sheets(self._stage("supervisor"), week, due, "reviewer_id", previous, sent, again)

    def approval_sheets(
        self,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
    ) -> Iterable[Form]:
        """A sheet per approver with those reviewed and not decided (``again``: also the decided ones)."""
        due = [c for c in cases.values() if c.review and c.approver_id and (again or not c.approval)]
        yield from self._sheets(self._stage("authority"), week, due, "approver_id", previous, sent, again)

    def _sheets(
        self,
        stage: Stage,
        week: Week,
        due: Sequence[Case],
        who: str,
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool,
    ) -> Iterable[Form]:
        by_person: dict[str, list[Case]] = {}
        for case in due:
            by_person.setdefault(getattr(case, who), []).append(case)
        for staff_id in sorted(by_person):
            rows = [self._row(stage, case, previous.get(case.staff_id)) for case in by_person[staff_id]]
            corrects = sorted(sent.get((stage.id, staff_id), ()))
            yield self._form(stage, week, staff_id, by_person[staff_id][0], rows, corrects, again)

    # --- one form ---------------------------------------------------------------------------------------------------

    def _form(
        self,
        stage: Stage,
        week: Week,
        addressee: str,
        case: Case,
        rows: list[dict[str, Any]],
        corrects: Sequence[str],
        again: bool = False,
    ) -> Form:
        header = dict.fromkeys(HEADER_KEYS, "")
        header |= {
            "form": stage.id,
            "period": str(week),
            "subject": addressee if stage.by == "subject" else "",
            "addressee": addressee,
            "scheme": self._scheme.id,
            "scheme_hash": self._scheme.hash,
            "template": TEMPLATE_VERSION,
            "corrects": " ".join(corrects),
        }
        header["token"] = self._keys.sign(header)
        person = self._person(addressee, week)
        context = {
            "form": header,
            "period": {"label": self._say.week_label(week), "key": str(week)},
            "subject": person,
            "addressee": person,
            "reviewer": {"name": self._name(case.reviewer_id)} if stage.by == "subject" else {"name": person["name"]},
            "approver": {"name": self._name(case.approver_id)} if stage.by != "authority" else {"name": person["name"]},
        }
        if len({row["approver_id"] for row in rows}) > 1:
            context["approver"] = {"name": ""}  # the people on the sheet go to different authorities
        data = self._master(stage).stamp(context, rows)
        name = f"{stage.id}-{week}-{addressee}{'-again' if again else ''}.xlsx"
        return Form(addressee, stage.id, name, data, max(1, len(rows)))

    def _row(self, stage: Stage, case: Case, previous: Case | None) -> dict[str, Any]:
        scheme, say = self._scheme, self._say
        answers = case.review if stage.by == "authority" else case.approval if _sent_back(case) else None
        role = scheme.role(case.role)
        return {
            "staff_id": case.staff_id,
            "name": case.name,
            "position": case.position,
            "role": role.name(say.lang) if role else case.role,
            "unit": self._roster.unit_name(case.unit_id),
            "self": {**(case.report.scores if case.report else {}), "total": case.self_total},
            "review": {**(case.review.scores if case.review else {}), "total": case.total},
            "band": scheme.band(case.band).name(say.lang) if case.band else "",
            "previous_band": scheme.band(previous.band).name(say.lang) if previous and previous.band else "",
            "warnings": "; ".join(warnings(case, previous, scheme, say)),
            "comment": case.review.texts.get("comment", "") if case.review else "",
            "seen": answers.says if answers else "",
            "approver_id": case.approver_id,
        }

    def _person(self, staff_id: str, week: Week) -> dict[str, str]:
        spell = self._roster.on(staff_id, self._roster.reference_day(week))
        return {
            "staff_id": staff_id,
            "name": spell.name if spell else self._roster.name(staff_id),
            "position": spell.position if spell else "",
            "unit": self._roster.unit_name(spell.unit_id) if spell else "",
        }

    def _name(self, staff_id: str) -> str:
        return self._roster.name(staff_id) if staff_id else ""

    def _stage(self, by: str) -> Stage:
        return next(stage for stage in self._scheme.stages if stage.by == by)

    def _master(self, stage: Stage) -> Master:
        """The office's own master (``templates/`` beside office.toml) or the shipped one."""
        if stage.template not in self._masters:
            own = self._folder / "templates" / stage.template
            path = own if own.exists() else resource(stage.template)
            master = Master(path, self._say, self._static)
            _check_map(master, path)
            self._masters[stage.template] = master
        return self._masters[stage.template]


def warnings(case: Case, previous: Case | None, scheme: Scheme, say: Speaker) -> list[str]:
    """What a reviewer or approver should have in sight: this week's flags, last week's, a chain that runs."""
    texts = [f.name(say.lang) for f in scheme.flags if case.flags.get(f.id)]
    if previous:
        before = [f.name(say.lang) for f in scheme.flags if previous.flags.get(f.id)]
        if before:
            texts.append(say("Last week: {flags}", flags=", ".join(before)))
        if previous.meeting_required:
            texts.append(say("Meeting required since last week"))
    if case.state == "returned" and case.approval:
        texts.append(say("Returned: {reason}", reason=case.approval.texts.get("reason", "")))
    return texts


def _check_map(master: Master, path: Path) -> None:
    """A form that couldn't be read again must never go out."""
    try:
        read_form(master.stamp({}))
    except Unreadable as err:
        raise UserError(
            "config.template-wrong", Place(str(path), "", "A1"), problem=Phrase(CODES[err.code].message)
        ) from err


def _sent_back(case: Case) -> bool:
    return case.approval is not None and case.approval.decision == "return"


def _static(office: Office, scheme: Scheme, say: Speaker) -> dict[str, Any]:
    """The names that are the same on every form of the office."""
    bands = [{"min": b.min, "title": b.name(say.lang)} for b in reversed(scheme.bands)]
    return {
        "office": {"name": office.name, "header_left": office.header_left, "header_right": office.header_right},
        "scheme": {"title": scheme.title.get(say.lang, scheme.id), "legal_basis": scheme.legal_basis},  # type: ignore[call-overload]
        "cap": {**{c.id: c.max for c in scheme.criteria}, "total": scheme.cap},
        "crit": {c.id: c.name(say.lang) for c in scheme.criteria},
        "bands": bands,
        "words": {word: say(word) for word in ("yes", "no", "approve", "adjust", "return")},
    }
