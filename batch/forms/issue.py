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
        self.say = say
        self._masters: dict[str, Master] = {}
        self._static = _static(office, scheme, say)

    # --- what is due ------------------------------------------------------------------------------------------------

    def self_forms(self, week: Week, cases: Mapping[str, Case], sent: Sent) -> Iterable[Form]:
        """A self form for everybody who is to be evaluated; it corrects what they sent before, if anything."""
        stage = self._stage("subject")
        for staff_id, case in cases.items():
            if case.state != "excused":
                yield self._form(stage, week, staff_id, case, [], sent)

    def review_sheets(
        self,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
    ) -> Iterable[Form]:
        """A sheet per reviewer with those still to be reviewed (``again``: with all), nobody who is excused."""
        yield from self._sheets(self._stage("supervisor"), week, cases, previous, sent, again)

    def approval_sheets(
        self,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
    ) -> Iterable[Form]:
        """A sheet per approver with those reviewed and not decided (``again``: also the decided ones)."""
        yield from self._sheets(self._stage("authority"), week, cases, previous, sent, again)

    def due(self, stage: Stage, cases: Mapping[str, Case], again: bool = False) -> dict[str, list[Case]]:
        """Who has to fill in a sheet of this stage now, and about whom."""
        by_person: dict[str, list[Case]] = {}
        for case in cases.values():
            if stage.by == "supervisor":
                is_open = case.state != "excused" and (again or not case.review or sent_back(case))
                is_open = is_open and case.reviewer_id != case.staff_id
            else:
                is_open = case.review is not None and (again or not case.approval)
            who = judge_of(stage, case)
            if is_open and who:
                by_person.setdefault(who, []).append(case)
        return by_person

    def _sheets(
        self,
        stage: Stage,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool,
    ) -> Iterable[Form]:
        for staff_id, theirs in sorted(self.due(stage, cases, again).items()):
            yield self.fresh(stage, week, staff_id, theirs, previous, sent, again)

    # --- one form ---------------------------------------------------------------------------------------------------

    def fresh(
        self,
        stage: Stage,
        week: Week,
        addressee: str,
        cases: Sequence[Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
    ) -> Form:
        """A form for one person, with a row for each of ``cases`` (a self form has none); it corrects what they sent."""
        rows = [] if stage.by == "subject" else [self._row(stage, case, previous.get(case.staff_id)) for case in cases]
        return self._form(stage, week, addressee, cases[0], rows, sent, again)

    def header(self, stage: Stage, week: Week, addressee: str, sent: Sent) -> dict[str, str]:
        """The signed header of a form that goes out now and corrects what its addressee sent before."""
        header = dict.fromkeys(HEADER_KEYS, "")
        header |= {
            "form": stage.id,
            "period": str(week),
            "subject": addressee if stage.by == "subject" else "",
            "addressee": addressee,
            "scheme": self._scheme.id,
            "scheme_hash": self._scheme.hash,
            "template": TEMPLATE_VERSION,
            "corrects": " ".join(sorted(sent.get((stage.id, addressee), ()))),
        }
        header["token"] = self._keys.sign(header)
        return header

    def _form(
        self,
        stage: Stage,
        week: Week,
        addressee: str,
        case: Case,
        rows: list[dict[str, Any]],
        sent: Sent,
        again: bool = False,
    ) -> Form:
        header = self.header(stage, week, addressee, sent)
        person = self._person(addressee, week)
        context = {
            "form": header,
            "period": {"label": self.say.week_label(week), "key": str(week)},
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
        scheme, say = self._scheme, self.say
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
            "seen": seen(stage, case),
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
            master = Master(path, self.say, self._static)
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


def sent_back(case: Case) -> bool:
    """Whether the approver returned the review."""
    return case.approval is not None and case.approval.decision == "return"


def judge_of(stage: Stage, case: Case) -> str:
    """Who may fill in the row about this person at this stage."""
    return case.reviewer_id if stage.by == "supervisor" else case.approver_id


def seen(stage: Stage, case: Case) -> str:
    """What a new row about this person answers: the review an approval decides on, or the return a new review follows."""
    answers = case.review if stage.by == "authority" else case.approval if sent_back(case) else None
    return answers.says if answers else ""


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
