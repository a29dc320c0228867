"""An office opened for work: its settings, scheme, roster and keys; and OUT, held by one run at a time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch import __version__
from batch.catalogue import Catalogue
from batch.catalogue_read import load_catalogue
from batch.closing import Closing
from batch.core.finding import Finding, Phrase, Place, UserError, finding
from batch.core.period import Evaluated, Period, Round, Week
from batch.core.records import Receipt
from batch.files import Store, locked, resource, sha256
from batch.forms.token import KEY, Keys, key_path, new_key_file, read_key_lines
from batch.goals import FILE as GOALS
from batch.goals import Goals, read_goals
from batch.i18n import Speaker
from batch.ledger import Head, Ledger, Source
from batch.outbox import MANIFEST, Box
from batch.pages import check_pages
from batch.roster import Office, Roster, load_office
from batch.roster_read import load_roster
from batch.scheme import Scheme, Stage, load_scheme
from batch.seals import Sealer
from batch.validate import Rules
from batch.weekly_history import Histories, digest, read_histories

if TYPE_CHECKING:
    from batch.forms.issue import Issuer

ARCHIVE = "archive"
_ANY: Mapping[str, Evaluated] = {"week": Week(2025, 1), "round": Round(2025, 1)}
LEDGER = "ledger.db"
NEW_KEY = "key.new"


def kept(out: Path, digest: str) -> Path:
    """Where the original with this SHA-256 lies in the archive."""
    return out / ARCHIVE / digest[:2] / digest


def templates_of(folder: Path) -> list[list[str]]:
    """Name and hash of every template a form or report of the office in ``folder`` may come from."""
    return [
        [path.relative_to(base).as_posix(), sha256(path.read_bytes())]
        for base in (resource(), folder / "templates")
        for path in sorted(base.rglob("*"))
        if path.is_file() and (path.suffix in (".xlsx", ".j2", ".js", ".png") or ".htm" in path.name)
    ]


def unused_templates(folder: Path, masters: Collection[str]) -> tuple[Finding, ...]:
    """Files in the office's ``templates`` that nothing takes its form or page from: mostly a name written otherwise.

    ``masters``: those that the scheme names. A page template that another own one mentions is used by that.
    """
    own, pages = folder / "templates", {path.name for path in resource("html").glob("*.j2")}
    parts = [path for path in sorted((own / "html").glob("*")) if path.suffix == ".j2" or ".htm" in path.name]
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in parts}

    def mentioned(page: Path) -> bool:
        name = re.compile(re.escape(page.name) + r"(?![\w.])")
        return any(name.search(text) for path, text in texts.items() if path is not page)

    unused = [path for path in sorted(own.glob("*.xlsx")) if path.name not in masters]
    unused += [path for path in parts if path.name not in pages and not mentioned(path)]
    found = []
    for path in unused:
        if path.name.startswith(("~$", ".")):  # what programs leave lying
            continue
        known = {*masters} if path.suffix == ".xlsx" else pages
        near = get_close_matches(path.name, sorted(known), 1) or sorted(known)
        place = Place(path.relative_to(folder).as_posix())
        found.append(finding("config.template-unused", place, known=", ".join(near)))
    return tuple(found)


@dataclass(frozen=True)
class Setup:
    """An office opened for work."""

    folder: Path
    out: Path
    office: Office
    scheme: Scheme
    roster: Roster
    roster_findings: tuple[Finding, ...]
    roster_hash: str
    keys: Keys
    say: Speaker

    @property
    def ledger(self) -> Source:
        """Where the ledger is kept."""
        return ledger_of(self.out, self.office)

    @property
    def facts(self) -> list[Any]:
        """What the office's own files and this program contribute to every result and output."""
        scheme = [one.model_dump(mode="json") for one in (self.scheme, self._weekly_scheme) if one]
        keys, office = self.keys.fingerprints, self.office.shown()
        books = [self.roster_hash, self.catalogue.digest, self.goals_digest]
        return [__version__, self.say.lang, scheme, books, office, keys, self.templates]

    @cached_property
    def rules(self) -> Rules:
        """What forms are judged by."""
        goals = None if self.goals is None else self.goals.by_id
        return Rules(self.office, self.scheme, self.roster, self.keys, goals)

    def rules_for(self, receipt: Receipt, closed: Mapping[Any, Closing]) -> Rules:
        """A form of a closed week is judged by the scheme under which that week was decided."""
        period = receipt.reading.header.get("period", "") if receipt.reading else ""
        closing = next((c for w, c in closed.items() if str(w) == period), None)
        return replace(self.rules, scheme=closing.scheme) if closing else self.rules

    @cached_property
    def _catalogue(self) -> tuple[Catalogue, list[Finding]]:
        return load_catalogue(self.folder, self.scheme.statistics.groups)

    @property
    def catalogue(self) -> Catalogue:
        """The standard products; none, if the office keeps no catalogue."""
        return self._catalogue[0]

    @cached_property
    def _goals(self) -> tuple[Goals | None, list[Finding], str]:
        path = self.folder / GOALS
        scored = any(criterion.kpi for criterion in self.scheme.criteria)
        return read_goals(path, self.roster) if scored and path.exists() else (None, [], "")

    @property
    def goals(self) -> Goals | None:
        """The goals that indicators serve; None if the office has written down none."""
        return self._goals[0]

    @property
    def goals_digest(self) -> str:
        """The SHA-256 of the goals' workbook, or ''."""
        return self._goals[2]

    @cached_property
    def _weekly_scheme(self) -> Scheme | None:
        """The rules of the weekly evaluation whose results are shown as evidence, if there is one."""
        given = self.office.weekly_history
        if given is None:
            return None
        place = Place(str(self.folder / "office.toml"))
        if self.scheme.period != "round":
            problem = Phrase("only an office that appraises rounds can show a weekly history")
            raise UserError("config.wrong-value", place, key="weekly_history", problem=problem)
        scheme = load_scheme(given.scheme, self.folder)
        if scheme.period != "week":
            problem = Phrase("these are no rules of a weekly evaluation")
            raise UserError("config.wrong-value", place, key="weekly_history.scheme", problem=problem)
        return scheme

    def open_stages(self, period: Evaluated, now: str) -> list[Stage]:
        """The stages of a period that may be acted at by now."""
        later = self.office.to_open((stage.id for stage in self.scheme.stages), period, now)
        return [stage for stage in self.scheme.stages if stage.id not in later]

    def check_history(self) -> None:
        """Refuses a weekly history that can't be one (``config.wrong-value``), or whose rules can't be read."""
        _ = self._weekly_scheme

    @cached_property
    def _histories(self) -> dict[Round, Histories]:
        return {}

    def histories(self, period: Round) -> Histories:
        """What the weeks of a round came to, as far as the office evaluates weeks too; read once."""
        given, scheme = self.office.weekly_history, self._weekly_scheme
        if given is None or scheme is None:
            return Histories()
        if period not in self._histories:
            self._histories[period] = read_histories(self.folder / given.out, given.out, scheme, period, self.roster)
        return self._histories[period]

    @property
    def weekly_digest(self) -> str:
        """A digest of the weekly results as they lie now, '' if there are none to be shown."""
        given = self.office.weekly_history
        return digest(self.folder / given.out) if given else ""

    @property
    def own_findings(self) -> tuple[Finding, ...]:
        """What is wrong in the office's own files: the roster, the catalogue, the goals, templates by no known name."""
        sides = (self.scheme.collective, self.scheme.meeting)
        masters = {*(stage.template for stage in self.scheme.stages), *(side.template for side in sides if side)}
        unused = unused_templates(self.folder, masters)
        return (*self.roster_findings, *self._catalogue[1], *self._goals[1], *unused)

    @cached_property
    def templates(self) -> list[list[str]]:
        """Name and hash of every template a form or report may come from."""
        return templates_of(self.folder)

    @cached_property
    def issuer(self) -> Issuer:
        """The writer of this office's forms. Forms go out in the office's language, whatever the reports' language."""
        from batch.forms.issue import Issuer  # openpyxl comes with it, which takes longer to load than most questions

        say = Speaker(self.office.language)
        issuer = Issuer(self.folder, self.office, self.scheme, self.roster, self.keys, say)
        issuer.check_masters(_ANY[self.scheme.period])  # any will do: what is missing is missing from every form
        return issuer

    @property
    def own_pages(self) -> Path:
        """Where the office's own page templates stand, if it has any."""
        return self.folder / "templates" / "html"


def ledger_of(out: Path, office: Office | None) -> Source:
    """The ledger of an OUT: a file there, unless the office's settings name a database."""
    path = out / LEDGER
    return Source(path, office.ledger, office.ledger_password_env) if office else Source(path)


def open_office(folder: Path, out: Path, lang: str | None, reading: bool = False) -> Setup:
    """Load settings, scheme, roster and key. Raises :class:`UserError` for whatever makes work impossible.

    ``reading``: to look only; no key and no folder is made.
    """
    office = load_office(folder)
    scheme = load_scheme(office.scheme, folder)
    roster, findings, roster_hash = load_roster(folder / "roster.xlsx", scheme)
    if office.office_id and not roster.knows(office.office_id):
        raise UserError("config.office-unknown", Place(str(folder / "office.toml")), found=office.office_id)
    _check_moments(office, scheme, Place(str(folder / "office.toml")))
    keys = _open_keys(key_path(folder, office, out), out, office, reading)
    setup = Setup(folder, out, office, scheme, roster, tuple(findings), roster_hash, keys, Speaker(lang or office.language))
    setup.check_history()
    if not reading:
        check_pages(setup.own_pages)
    return setup


def _check_moments(office: Office, scheme: Scheme, place: Place) -> None:
    """Refuses deadlines and openings of what the scheme doesn't know, and openings in a week, whose forms go out ahead."""
    for table, named in (("deadlines", office.deadlines), ("opens", office.opens)):
        if strange := sorted(named.keys() - set(scheme.forms)):
            raise UserError("config.unknown-key", place, key=f"{table}.{strange[0]}", known=", ".join(scheme.forms))
    if office.opens and scheme.period != "round":
        raise UserError(
            "config.wrong-value", place, key="opens", problem=Phrase("only the stages of a round can open later")
        )


def _open_keys(path: Path, out: Path, office: Office, reading: bool) -> Keys:
    """The office's keys; on first use a key is made in OUT if it names none, unless the run only looks (``reading``).

    A lost key is never replaced in silence: with a new one, every form that is under way would be a stranger's.
    """
    if office.key is None and not path.exists() and _unused(ledger_of(out, office)):
        if reading:
            return Keys.none()
        with locked(out) as store:
            store.write(KEY, new_key_file(()), mode=0o600)
    return Keys.load(path)


def _unused(source: Source) -> bool:
    """Whether nothing was ever received: a file's being there is enough to say, a database has to be asked."""
    if not source.url:
        return not source.path.exists()
    with Ledger.open(source, look_only=True) as ledger:
        return not ledger.exists


def rekey(folder: Path, out: Path, retire: bool) -> tuple[Path, Path, int]:
    """Make a fresh key that signs from now on, above the older ones; ``retire`` withdraws these.

    Returns where the new key file was written, where it has to lie (another place only if the office names a file of its
    own: its folder is never written to), and how many older keys were found.
    """
    office = load_office(folder)
    path = key_path(folder, office, out)
    with locked(out) as store:
        lines = read_key_lines(path) if path.exists() else []  # a lost key: forms that are under way have to be issued again
        written = NEW_KEY if office.key else KEY
        store.write(written, new_key_file(lines, retire), mode=0o600)
    return out / written, path, len(lines)


@dataclass(frozen=True)
class Desk:
    """OUT, held and open for work."""

    store: Store
    ledger: Ledger
    sealer: Sealer

    def box(self, period: Period, listed_in: str = MANIFEST) -> Box:
        """The period's folder in the outbox."""
        return Box(self.store, self.sealer, period, listed_in)

    def record(self, now: str, kind: str, period: Period, body: Mapping[str, Any]) -> Head:
        """Append a fact about a period to the ledger; returns where it ends now."""
        self.ledger.record(self.ledger.next_run(), now, kind, str(period), body)
        return self.sealer.note_head()


@contextmanager
def at_work(setup: Setup) -> Iterator[Desk]:
    """Hold OUT. What a killed run added to the ledger without noting it is noted first."""
    with locked(setup.out) as store, Ledger.open(setup.ledger) as ledger:
        sealer = Sealer(store, ledger)
        sealer.note_head()
        yield Desk(store, ledger, sealer)
