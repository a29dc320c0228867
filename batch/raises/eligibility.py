"""Who may be raised: every rule of the regulation, asked of one person; each 'no' with its reason and its place."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from batch.core.finding import Finding, Place, finding
from batch.core.period import Round
from batch.raises.rules import LeaveKind, Rules
from batch.roster import Mark, Person, Roster, Span


@dataclass(frozen=True)
class Leave:
    """A round's leave as the limits see it: working days and times that count, and what is left of the spans."""

    days: int
    times: int
    last: Place  # of the last leave that counts
    absences: tuple[Span, ...]
    suspended: tuple[Span, ...]
    unknown: tuple[Span, ...]


@dataclass(frozen=True)
class Judge:
    """Asks the rules about the people of one round."""

    roster: Roster
    rules: Rules
    period: Round

    def reasons(self, person: Person, score: Decimal | None) -> list[Finding]:
        """Why this person is not raised; empty: they may be."""
        limits, who = self.rules.limits, person.staff_id
        found: list[Finding] = []
        if score is None:
            found.append(finding("raise.no-score", person.place, who, name=person.name))
        elif score < limits.score:
            found.append(finding("raise.low-score", person.place, who, score=score, least=limits.score))
        since = self._since(person)
        if months_after(since, limits.months_in_service) > self.period.end + dt.timedelta(days=1):
            found.append(
                finding("raise.short-service", person.place, who, since=since, months=str(limits.months_in_service))
            )
        leave = self.leave(who)
        if leave.days > limits.leave_days:
            found.append(finding("raise.leave-days", leave.last, who, days=str(leave.days), most=str(limits.leave_days)))
        if leave.times > limits.leave_times:
            found.append(finding("raise.leave-times", leave.last, who, times=str(leave.times), most=str(limits.leave_times)))
        if self._longer(leave.suspended, limits.suspended_months):
            found.append(finding("raise.suspended", leave.suspended[-1].place, who, months=str(limits.suspended_months)))
        found += [finding("raise.absent", span.place, who, day=self._within(span)[0]) for span in leave.absences]
        return [*found, *self._conduct(who)]

    def unclear(self, person: Person) -> list[Finding]:
        """Words in the roster that no rule knows: they might bar a raise, so nothing is decided before they are settled."""
        found = [
            finding("raises.unknown-leave", span.place, person.staff_id, found=span.kind)
            for span in self.leave(person.staff_id).unknown
        ]
        found += [
            finding("raises.unknown-conduct", mark.place, person.staff_id, found=mark.kind)
            for mark in self._marks(person.staff_id)
            if self.rules.conduct_kind(mark.kind) is None
        ]
        return found

    def leave(self, staff_id: str) -> Leave:
        """The person's leave in this round."""
        spans = [
            s
            for s in self.roster.leave_by_staff.get(staff_id, ())
            if s.start <= self.period.end and s.end >= self.period.start
        ]
        by_kind = [(self.rules.leave_kind(span.kind), span) for span in spans]
        counted = [span for kind, span in by_kind if kind is not None and kind.effect == "counts"]
        days = {day for span in counted for day in self._working_days(span)}
        days |= {day for kind in self.rules.leave for day in self._beyond(kind, [s for k, s in by_kind if k == kind])}
        return Leave(
            days=len(days),
            times=len(counted),
            last=max(counted or spans, key=lambda s: s.start).place if spans else Place(),
            absences=tuple(s for k, s in by_kind if k is not None and k.effect == "absence"),
            suspended=tuple(s for k, s in by_kind if k is not None and k.effect == "suspension"),
            unknown=tuple(s for k, s in by_kind if k is None),
        )

    def _beyond(self, kind: LeaveKind, spans: Sequence[Span]) -> Iterator[dt.date]:
        """The working days by which leave that is not counted goes beyond its allowance."""
        if kind.free_days is not None:
            for span in spans:  # the allowance runs from the leave's first day, be it in an earlier round
                free_to = span.start + dt.timedelta(days=kind.free_days - 1)
                yield from (day for day in self._working_days(span) if day > free_to)
        if kind.free_working_days is not None:
            yield from sorted({d for span in spans for d in self._working_days(span)})[kind.free_working_days :]

    def _working_days(self, span: Span) -> Iterator[dt.date]:
        first, last = self._within(span)
        days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        return (day for day in days if self.roster.is_working_day(day))

    def _within(self, span: Span) -> tuple[dt.date, dt.date]:
        """The part of a span that lies in the round."""
        return max(span.start, self.period.start), min(span.end, self.period.end)

    def _longer(self, spans: Sequence[Span], months: int) -> bool:
        """Whether the spans together, one put after the other, are longer than so many months."""
        if not spans:
            return False
        parts = [self._within(span) for span in spans]
        days = sum((last - first).days + 1 for first, last in parts)
        start = min(first for first, _ in parts)
        return start + dt.timedelta(days=days) > months_after(start, months)

    def _since(self, person: Person) -> dt.date:
        """The first day in service: as appointed, else the first spell here."""
        spells = self.roster.spells_of(person.staff_id)
        return min([s.start for s in spells] + [s.pay.appointed for s in spells if s.pay and s.pay.appointed])

    def _marks(self, staff_id: str) -> list[Mark]:
        first, last = self.period.start, self.period.end
        return [m for m in self.roster.conduct or () if m.who == staff_id and first <= m.day <= last]

    def _conduct(self, staff_id: str) -> list[Finding]:
        """Lateness beyond the limit, and penalties that bar."""
        by_kind = [(self.rules.conduct_kind(mark.kind), mark) for mark in self._marks(staff_id)]
        late = [mark for kind, mark in by_kind if kind is not None and kind.effect == "late"]
        times, most = sum(mark.times for mark in late), self.rules.limits.late_times
        found = [
            finding("raise.discipline", mark.place, staff_id, penalty=kind.titles, day=mark.day)
            for kind, mark in by_kind
            if kind is not None and kind.effect == "bars"
        ]
        if times > most:
            found.append(finding("raise.late", late[-1].place, staff_id, times=str(times), most=str(most)))
        return found


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
