"""Which forms are due, and writing them: every person's self form, each reviewer's and each approver's sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch import history
from batch.agreed import kpis
from batch.chain import is_amendment, returned_by, seen
from batch.collective import UnitReport
from batch.core.codes import CODES
from batch.core.finding import Phrase, Place, UserError
from batch.core.made import MadeFrom
from batch.core.period import Evaluated, Week
from batch.core.records import Case
from batch.files import resource
from batch.forms.extract import read_form
from batch.forms.items import item_lines
from batch.forms.keys import HEADER_KEYS
from batch.forms.layout import Layout, layout
from batch.forms.lines import Line, Lines, due
from batch.forms.token import Keys
from batch.i18n import Speaker
from batch.meetings import Meeting
from batch.roster import Office, Roster
from batch.scheme import Scheme, Stage
from batch.sheet.package import Unreadable
from batch.titles import AGAIN
from batch.validate import UNIT_SUBJECT

if TYPE_CHECKING:
    from batch.forms.stamp import Master

TEMPLATE_VERSION = "1"
Sent = Mapping[tuple[str, ...], Sequence[str]]  # (stage, author), or with the one subject → contents of what they sent


@dataclass(frozen=True, slots=True)
class Form:
    """A form to be handed over: to whom, its file name, how it is made, how many people it is about, its signed header."""

    addressee: str
    name: str
    make: Callable[[], bytes]
    people: int
    header: Mapping[str, str]

    @property
    def stage(self) -> str:
        """Which form it is: of a stage of the chain, of a unit, or of a meeting."""
        return self.header["form"]

    @property
    def corrects(self) -> tuple[str, ...]:
        """Contents of the forms that it replaces."""
        return tuple(self.header["corrects"].split())

    @property
    def data(self) -> bytes:
        """The workbook, made anew: a run makes thousands, and none is needed twice."""
        return self.make()


class Issuer:
    """Writes forms of one office, in one language, under one scheme."""

    def __init__(self, folder: Path, office: Office, scheme: Scheme, roster: Roster, keys: Keys, say: Speaker) -> None:
        self._folder = folder
        self._scheme = scheme
        self._roster = roster
        self._keys = keys
        self.say = say
        self._masters: dict[str, Master] = {}
        self._periods: dict[Evaluated, dict[str, str]] = {}  # how each is named on forms
        self._static = _static(office, scheme, say)

    # --- what is due ------------------------------------------------------------------------------------------------

    def stage_forms(
        self,
        stage: Stage,
        period: Evaluated,
        cases: Mapping[str, Case[Any]],
        previous: Mapping[str, Case[Any]],
        sent: Sent,
        again: bool = False,
        units: Sequence[UnitReport] = (),
        meetings: Sequence[Meeting] = (),
    ) -> Iterable[Form]:
        """The forms of a stage that somebody has to fill in now (``again``: also of those who are done).

        A form for each person it is about, which corrects what was sent, or a sheet for each judge with all that are due.
        """
        for judge, about in due(self._scheme, stage, cases, units, again).items():
            for rows in [[line] for line in about] if stage.about_one else [about]:
                yield self.fresh(stage, period, judge, rows, previous, sent, again, meetings)

    def self_forms(self, week: Week, cases: Mapping[str, Case], sent: Sent, again: bool = False) -> Iterable[Form]:
        """A self form for everybody evaluated of whom no report stands (``again``: for all); it corrects what they sent."""
        return self.stage_forms(self._stage("report"), week, cases, {}, sent, again)

    def review_sheets(
        self,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
        meetings: Sequence[Meeting] = (),
    ) -> Iterable[Form]:
        """A sheet per reviewer with those still to be reviewed (``again``: with all), nobody who is excused."""
        return self.stage_forms(self._stage("review"), week, cases, previous, sent, again, (), meetings)

    def approval_sheets(
        self,
        week: Week,
        cases: Mapping[str, Case],
        previous: Mapping[str, Case],
        sent: Sent,
        again: bool = False,
        units: Sequence[UnitReport] = (),
    ) -> Iterable[Form]:
        """A sheet per approver with people reviewed and units reported, not yet decided (``again``: also decided ones)."""
        return self.stage_forms(self._stage("approval"), week, cases, previous, sent, again, units)

    def unit_forms(self, units: Sequence[UnitReport], sent: Sent, again: bool = False) -> Iterable[Form]:
        """A unit form for every head who has to report on their unit (``again``: also where a report stands)."""
        if self._scheme.collective:
            for unit in units:
                if again or unit.state in ("missing", "returned"):
                    yield self.unit_form(unit, sent, again)

    def meeting_forms(self, meetings: Iterable[Meeting]) -> Iterable[Form]:
        """A meeting form for whoever has to hold a required meeting of which no record was filed."""
        if self._scheme.meeting:
            for meeting in meetings:
                if meeting.record is None and meeting.holder:
                    yield self.meeting_form(meeting)

    def _to_know(self, stage: Stage, case: Case[Any], meetings: Iterable[Meeting]) -> list[str]:
        """What a judge should know about the row beside the person's own flags."""
        decides = stage.by == "supervisor" and self._scheme.reviewer_is_approver == "one_sheet"
        at_once = [self.say("Your scores are the approval too")] if decides and case.reviewer_id == case.approver_id else []
        return [*at_once, *self._measures(case, meetings)]

    def _measures(self, case: Case[Any], meetings: Iterable[Meeting]) -> list[str]:
        """What was agreed with the person in a meeting and still runs, or that the meeting has yet to be held."""
        say, texts = self.say, []
        for meeting in meetings:
            if meeting.case.staff_id == case.staff_id and meeting.runs_in(case.period) and meeting.week < case.period:
                if meeting.record is None:
                    texts.append(say("Meeting open since {week}", week=meeting.week))
                else:
                    measures, day = meeting.record.texts.get("meeting.measures", ""), meeting.review_by
                    texts.append(say("Agreed: {measures} (until {day})", measures=measures, day=day))
        return texts

    def _told(self, meeting: Meeting) -> dict[str, str]:
        """Why the meeting is held, for the form: the rules, the weeks, what the reviewer wrote."""
        rules = "; ".join(rule.name(self.say.lang) for rule in self._scheme.streaks if rule.id in meeting.rules)
        weeks = ", ".join(self.say.week_name(week) for week in meeting.weeks)
        comment = meeting.case.review.texts.get("comment", "") if meeting.case.review else ""
        return {"reason": f"{rules} ({weeks})", "evidence": comment}

    # --- one form ---------------------------------------------------------------------------------------------------

    def fresh(
        self,
        stage: Stage,
        period: Evaluated,
        addressee: str,
        about: Sequence[Line],
        previous: Mapping[str, Case[Any]],
        sent: Sent,
        again: bool = False,
        meetings: Sequence[Meeting] = (),
    ) -> Form:
        """A form for one person, with these rows; one about one subject has none, and is about the only one of them."""
        one = about[0].about if stage.about_one else None
        subject = about[0].key if stage.about_one else ""
        key = (stage.id, addressee, subject) if stage.about_one else (stage.id, addressee)
        header = self._header(stage.id, period, addressee, subject, sorted(sent.get(key, ())))
        rows = [] if stage.about_one else [self._row(stage, line, previous, meetings) for line in about]
        # The people on one review sheet may go to different authorities; then none is named.
        approvers = {line.about.approver_id for line in about}
        approver = self._name(approvers.pop()) if len(approvers) == 1 else ""
        reviewer = self._name(one.reviewer_id) if isinstance(one, Case) else ""
        context = self._context(header, period, addressee, reviewer=reviewer, approver=approver)
        tables: dict[str, list[dict[str, Any]]] = {}
        if isinstance(one, Case) and stage.kind != "report":
            more, tables = self._agreed(stage, one)
            context |= {"subject": self._person(subject, period), **more}
        name = f"{stage.id}-{period}-{subject or addressee}{_again(again)}.xlsx"
        make = self._stamping(stage.template, context, rows, tables)
        return Form(addressee, name, make, max(1, len(rows)), header)

    def _agreed(self, stage: Stage, case: Case[Any]) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        """What a form about one person's agreed items shows: names, and the lines of its tables."""
        scheme, say = self._scheme, self.say
        acts = case.acts
        agreement = next((acts[s.id] for s in scheme.stages if s.kind == "agreement" and s.id in acts), None)
        back = returned_by(scheme, stage, acts)
        names = {
            "seen": seen(scheme, stage, case),
            "points": {c.id: c.points(case.group) for c in scheme.criteria},
            "group": next((g.name(say.lang) for g in scheme.groups if g.id == case.group), ""),
            "amends": is_amendment(scheme, stage, case),
            "returned": {"reason": back.texts.get("reason", "") if back else ""},
            "told": {"total": case.total, "band": scheme.band(case.band).name(say.lang) if case.band else ""},
            "scores": dict(case.scores),
            "plan": dict(self._texts(case)),
        }
        tables = item_lines(scheme, stage, agreement, case.report, say, acts.get(stage.id))
        return names, {**tables, "history": history.lines(case.history, say)}

    @staticmethod
    def _texts(case: Case[Any]) -> Iterable[tuple[str, str]]:
        for act in (case.report, case.review):
            for key, text in act.texts.items() if act else ():
                yield key.removeprefix("text."), text

    def unit_form(self, unit: UnitReport, sent: Sent, again: bool = False) -> Form:
        """The form on which a unit's head reports, under a scheme with such reports; it corrects what the head sent."""
        side, week, head = self._scheme.collective, unit.week, unit.head_id
        assert side is not None  # noqa: S101 (the caller knows the scheme)
        header = self._header("unit", week, head, unit.unit_id, sorted(sent.get(("unit", head), ())))
        subject = {"unit_id": unit.unit_id, "unit": unit.name}
        context = self._context(header, week, head, subject=subject, approver=self._name(unit.approver_id))
        name = f"unit-{week}-{unit.unit_id}{_again(again)}.xlsx"
        return Form(head, name, self._stamping(side.template, context), 1, header)

    def meeting_form(self, meeting: Meeting) -> Form:
        """The form for the record of a meeting, under a scheme with such records; it corrects those that were sent."""
        side, week, staff_id = self._scheme.meeting, meeting.week, meeting.case.staff_id
        assert side is not None  # noqa: S101 (the caller knows the scheme)
        header = self._header("meeting", week, meeting.holder, staff_id, meeting.sent)
        context = self._context(header, week, meeting.holder, subject=self._person(staff_id, week))
        make = self._stamping(side.template, context | {"meeting": self._told(meeting)})
        return Form(meeting.holder, f"meeting-{week}-{staff_id}.xlsx", make, 1, header)

    def _header(self, form: str, week: Evaluated, addressee: str, subject: str, corrects: Sequence[str]) -> dict[str, str]:
        header = dict.fromkeys(HEADER_KEYS, "") | {
            "form": form,
            "period": str(week),
            "subject": subject,
            "addressee": addressee,
            "scheme": self._scheme.id,
            "scheme_hash": self._scheme.hash,
            "template": TEMPLATE_VERSION,
            "corrects": " ".join(corrects),
        }
        return header | {"token": self._keys.sign(header)}

    def _context(
        self,
        header: Mapping[str, str],
        week: Evaluated,
        addressee: str,
        subject: Mapping[str, str] | None = None,
        reviewer: str = "",
        approver: str = "",
    ) -> dict[str, Any]:
        person = self._person(addressee, week)
        if week not in self._periods:
            self._periods[week] = {"label": self.say.period_label(week), "key": str(week)}
        return {
            "form": header,
            "period": self._periods[week],
            "subject": subject or person,
            "addressee": person,
            "reviewer": {"name": reviewer},
            "approver": {"name": approver},
        }

    def _row(
        self, stage: Stage, line: Line, previous: Mapping[str, Case[Any]], meetings: Iterable[Meeting] = ()
    ) -> dict[str, Any]:
        about = line.about
        shown = (
            self._unit_row(about) if isinstance(about, UnitReport) else self._person_row(stage, about, previous, meetings)
        )
        return {"staff_id": line.key, "code": line.key.removeprefix(UNIT_SUBJECT), "seen": line.seen, **shown}

    def _unit_row(self, unit: UnitReport) -> dict[str, Any]:
        band = self._scheme.band(unit.band).name(self.say.lang) if unit.band else ""
        members = {"rated": str(unit.rated), "failed": str(unit.failed)}
        return {
            "name": unit.name,
            "role": self._scheme.form_title("unit", self.say.lang),
            "unit": self._name(unit.head_id),
            "review": {**unit.scores, "total": unit.total},
            "band": band,
            "comment": unit.report.texts.get("text.summary", "") if unit.report else "",
            "warnings": self.say("Members: {rated} rated, {failed} failed", **members) if unit.rated else "",
        }

    def _person_row(
        self, stage: Stage, case: Case[Any], before: Mapping[str, Case[Any]], meetings: Iterable[Meeting]
    ) -> dict[str, Any]:
        scheme, say = self._scheme, self.say
        role, previous = scheme.role(case.role), before.get(case.staff_id)
        return {
            "name": case.name,
            "position": case.position,
            "role": role.name(say.lang) if role else case.role,
            "unit": self._roster.unit_name(case.unit_id),
            "self": {**(case.report.scores if case.report else {}), "total": case.self_total},
            "review": {**(case.review.scores if case.review else {}), "total": case.total},
            "band": scheme.band(case.band).name(say.lang) if case.band else "",
            "previous_band": scheme.band(previous.band).name(say.lang) if previous and previous.band else "",
            "warnings": "; ".join([*warnings(case, previous, scheme, say), *self._to_know(stage, case, meetings)]),
            "comment": case.review.texts.get("comment", "") if case.review else "",
            "agreed": self._told_agreement(case),
            "said": self._told_decisions(stage, case),
        }

    def _told_agreement(self, case: Case[Any]) -> str:
        """The indicators of an agreement in a few lines, for who has to consent to it."""
        agreement = next((case.acts[s.id] for s in self._scheme.stages if s.kind == "agreement" and s.id in case.acts), None)
        if agreement is None:
            return ""
        lines = [f"{n}. {kpi.title} ({self.say.number(kpi.weight)})" for n, kpi in enumerate(kpis(agreement), 1)]
        if reason := agreement.texts.get("text.amendment"):
            lines.append(self.say("Changed: {reason}", reason=reason))
        return "\n".join(lines)

    def _told_decisions(self, about: Stage, case: Case[Any]) -> str:
        """What was decided or pointed out so far about the scores, for who decides next."""
        say, texts = self.say, []
        for stage in self._scheme.stages:
            act = case.acts.get(stage.id)
            if act is None or stage.kind not in ("decision", "acknowledgement") or self._scheme.part(stage) == "approval":
                continue
            if stage.kind == "acknowledgement":
                if stage.instead_of:
                    texts.append(say("Refused to sign; witness: {name}", name=act.texts.get("witness", "")))
            elif act.decision == "adjust":
                total = sum(act.scores.values(), Decimal(0))
                texts.append(say("{stage}: {total}, {reason}", stage=stage.titles, total=total, reason=act.texts["reason"]))
        if case.history is not None and about.by == "committee":
            texts.append(history.in_short(case.history, say))
        return "\n".join(texts)

    def _person(self, staff_id: str, week: Evaluated) -> dict[str, str]:
        spell = self._roster.on(staff_id, self._roster.reference_day(week))
        return {
            "staff_id": staff_id,
            "name": spell.name if spell else self._roster.name(staff_id),
            "position": spell.position if spell else "",
            "unit": self._roster.unit_name(spell.unit_id) if spell else "",
        }

    def _name(self, staff_id: str) -> str:
        return self._roster.name(staff_id) if staff_id else ""

    def _stage(self, part: str) -> Stage:
        return next(stage for stage in self._scheme.stages if self._scheme.part(stage) == part)

    def check_masters(self, week: Evaluated) -> None:
        """Refuse any master of the office's own that can't carry its form, whether the form is due now or not."""
        sides = {"unit": self._scheme.collective, "meeting": self._scheme.meeting}
        templates = {stage.id: stage.template for stage in self._scheme.stages}
        templates |= {form: side.template for form, side in sides.items() if side}
        for form, template in templates.items():
            own = self._folder / "templates" / template
            shape = layout(self._scheme, form)
            if own.exists() and shape:
                self._check(own, form, template, shape, week)

    def _check(self, path: Path, form: str, template: str, shape: Layout, week: Evaluated) -> None:
        """See whether all placeholders can be filled; then stamp a form about nobody, and see whether all keys are there."""
        from batch.forms.check import check_keys, check_names

        nobody = Case(week, "0", "", "", "", "", "submitted")
        header = self._header(form, week, "0", "0", ())
        subject = {"unit_id": "0", "unit": "0"} if form == "unit" else None
        context = self._context(header, week, "0", subject=subject) | {"meeting": {"reason": "", "evidence": ""}}
        stage = self._scheme.stage(form)
        rows = (
            [self._row(stage, line, {}) for line in Lines(self._scheme, stage, {"0": nobody}).of("0")]
            if stage and shape.per_person
            else []
        )
        names = {**self._static, "_": self.say, **context, **({"row": rows[0]} if rows else {})}
        tables: dict[str, list[dict[str, Any]]] = {}
        if stage and stage.about_one and stage.kind != "report":
            more, tables = self._agreed(stage, nobody)
            context, names = context | more, names | more | {name: lines[0] for name, lines in tables.items() if lines}
        check_names(path, names)
        check_keys(path, self._stamp(template, context, rows, tables), shape, header, rows)

    def _stamping(
        self,
        template: str,
        context: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]] = (),
        tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> MadeFrom:
        """How a form is made: of what :meth:`_stamp` is given, and the office's own files."""
        what = (template, context, rows, tables)
        sizes = (len(rows), *(len(lines) for lines in (tables or {}).values()))
        return MadeFrom(partial(self._stamp, *what), what, (template, sizes))

    def _stamp(
        self,
        template: str,
        context: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]] = (),
        tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> bytes:
        """A form from the office's own master (``templates/`` beside office.toml) or the shipped one."""
        from batch.forms.stamp import Master  # openpyxl costs time that a run with nothing to write need not pay

        if template in self._masters:
            return self._masters[template].stamp(context, rows, tables)
        own = self._folder / "templates" / template
        path = own if own.exists() else resource(template)
        self._masters[template] = Master(path, self.say, self._static)
        data = self._masters[template].stamp(context, rows, tables)
        _check_map(data, path)
        return data


def _again(again: bool) -> str:
    """How the name of a sheet ends that was asked for beyond what is due."""
    return AGAIN if again else ""


def warnings(case: Case[Any], previous: Case[Any] | None, scheme: Scheme, say: Speaker) -> list[str]:
    """What a reviewer or approver should have in sight: this week's flags, last week's, a chain that runs."""
    texts = [f.name(say.lang) for f in scheme.flags if case.flags.get(f.id)]
    if previous:
        before = [f.name(say.lang) for f in scheme.flags if previous.flags.get(f.id)]
        if before:
            texts.append(say("Last week: {flags}", flags=", ".join(before)))
    if case.state == "returned" and case.approval:
        texts.append(say("Returned: {reason}", reason=case.approval.texts.get("reason", "")))
    return texts


def _check_map(form: bytes, path: Path) -> None:
    """A form that couldn't be read again must never go out."""
    try:
        read_form(form)
    except Unreadable as err:
        problem = Phrase(CODES[err.code].message)
        raise UserError("config.template-wrong", Place(str(path), "", "A1"), problem=problem) from err


def _static(office: Office, scheme: Scheme, say: Speaker) -> dict[str, Any]:
    """The names that are the same on every form of the office."""
    bands = [{"min": b.min, "title": b.name(say.lang)} for b in reversed(scheme.bands)]
    return {
        "office": {"name": office.name, "header_left": office.header_left, "header_right": office.header_right},
        "scheme": {"title": scheme.title.get(say.lang, scheme.id), "legal_basis": scheme.legal_basis},  # type: ignore[call-overload]
        "cap": {**{c.id: c.max for c in scheme.criteria}, "total": scheme.cap},
        "scale": next((c.competency.scale for c in scheme.criteria if c.competency), ""),
        "levels": {
            "kpi": next((c.kpi.levels for c in scheme.criteria if c.kpi), None),
            "competency": next((c.competency.levels for c in scheme.criteria if c.competency), None),
        },
        "crit": {c.id: c.name(say.lang) for c in scheme.criteria},
        "bands": bands,
        "words": {word: say(word) for word in ("yes", "no", "approve", "adjust", "return", "agree", "differ")}
        | {"regular": say("regular"), "ad_hoc": say("ad hoc")},
    }
