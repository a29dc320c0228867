"""The outbox of a period: tables for machines, the manifest, and putting it all on disk without leaving anything stale."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from batch.core.finding import Finding
from batch.core.made import beside as shares_with
from batch.core.made import like
from batch.core.period import Period
from batch.core.records import Case
from batch.files import Content, Draft, Store, sha256, whole
from batch.i18n import Speaker
from batch.parallel import Begun, Executor
from batch.rollups import Rollup
from batch.scheme import Scheme
from batch.seals import Sealer

E = TypeVar("E", bound=Mapping[str, Any])
OUTBOX = "outbox"
MANIFEST = "manifest.json"
MANIFESTS = "manifest*.json"  # all that a folder of the outbox may have: each command lists what it wrote
Maker = Callable[[], Content]  # how a file is made
_MANY = 20  # files of a kind that are worth preparing before they are shared out
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def results_csv(cases: Iterable[Case[Any]], scheme: Scheme) -> bytes:
    """results.csv: a row per person; decimals with a point, as entered; flags yes/no/empty."""
    criteria, flags = [c.id for c in scheme.criteria], [f.id for f in scheme.answered_flags]
    header = [
        *("period", "staff_id", "name", "unit_id", "role", "state", "self_total", *criteria, "total", "band"),
        *("reviewer_id", "approver_id", *flags, "failing_weeks", "meeting_required", "scheme", "scheme_hash"),
    ]
    rows = [
        [
            str(case.period),
            case.staff_id,
            case.name,
            case.unit_id,
            case.role,
            case.state,
            _number(case.self_total),
            *(_number(case.scores.get(c)) for c in criteria),
            _number(case.total),
            case.band,
            case.review.author if case.review else "",
            case.decided_by,
            *(_flag(case.flags.get(f)) for f in flags),
            str(case.failing_weeks),
            _flag(case.meeting_required),
            scheme.id,
            scheme.hash,
        ]
        for case in cases
    ]
    return table_csv([header, *rows])


def term_csv(rollup: Rollup, scheme: Scheme) -> bytes:
    """results.csv of a month or longer: a row per person.

    ``total`` / ``weeks_rated`` is the exact mean, of which ``mean`` is the rounded reading; ``shares`` is what each unit
    contributes, as ``unit=weeks:total`` parts with a space between them.
    """
    header = [
        *(
            "period",
            "staff_id",
            "name",
            "unit_id",
            "role",
            "state",
            "weeks_rated",
            "weeks_due",
            "weeks_excused",
            "undecided",
        ),
        *("total", "mean", "band_of_mean", "caps", "band", "shares", "provisional", "scheme", "scheme_hash"),
    ]
    rows = []
    for person in rollup.people:
        result = person.outcome
        rows.append(
            [
                *(str(rollup.term), person.staff_id, person.name, person.unit_id, person.role, result.standing),
                *(str(result.tally.rated), str(result.tally.due), str(result.excused)),
                " ".join(map(str, result.undecided)),
                _number(result.tally.total) if result.tally.rated else "",
                _number(result.mean_shown(scheme)),
                result.of_mean,
                " ".join(hit.rule for hit in result.caps),
                result.band,
                " ".join(f"{unit}={share.rated}:{_number(share.total)}" for unit, share in person.shares if share.rated),
                _flag(rollup.provisional),
                scheme.id,
                scheme.rollup_hash,
            ]
        )
    return table_csv([header, *rows])


def findings_csv(findings: Iterable[Finding], say: Speaker) -> bytes:
    """findings.csv: a row per finding, sentences in the language of the reports."""
    header = ["severity", "code", "file", "sheet", "cell", "staff_id", "message", "remedy"]
    rows = [
        [say.severity(f), f.code, f.place.file, f.place.sheet, f.place.cell, f.staff_id, say.message(f), say.remedy(f)]
        for f in findings
    ]
    return table_csv([header, *rows])


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _flag(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def table_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with BOM (Excel then shows Vietnamese and Thai); text that a spreadsheet would run as a formula is made text."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([[f"'{v}" if v.startswith(_RISKY) else v for v in row] for row in rows])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "replace")


class Box:
    """A period's folder in OUT/outbox while a run holds OUT: what the program wrote there stands in a sealed manifest.

    ``listed_in``: the manifest's name, where several commands write into the folder and none may remove another's files.
    """

    def __init__(self, store: Store, sealer: Sealer, period: Period, listed_in: str = MANIFEST) -> None:
        self._store, self._sealer, self._period, self._list = store, sealer, str(period), listed_in
        self.folder = store.root / OUTBOX / self._period
        self._known: Listing | None = None

    @property
    def listing(self) -> Listing:
        """What stands in the manifest now."""
        if self._known is None:  # it is long, and asked for again and again
            self._known = read_listing(self.folder / self._list)
        return self._known

    def is_current(self, basis: str) -> bool:
        """Whether the folder holds, unharmed, what a run on this basis would write."""
        listing = self.listing
        return self._is_sealed() and listing.basis == basis and all(map(self._holds, listing.entries))

    def unharmed(self) -> frozenset[str]:
        """The names of the files here that are as the program wrote them, of those of which it is known what they are made
        from; none, if the manifest is not as the program wrote it or a run was broken off.
        """
        listing = self.listing
        if listing.unfinished or not self._is_sealed():
            return frozenset()
        return frozenset(entry["name"] for entry in listing.entries if entry.get("from") and self._holds(entry))

    def ahead_from(self, digest: str) -> list[str]:
        """The names of the forms handed out in advance, as they are listed; none, if they were made from anything else."""
        listing = self.listing
        names = [str(entry["name"]) for entry in listing.entries if entry.get("from") == digest]
        return names if len(names) == listing.ahead and not listing.unfinished and self._is_sealed() else []

    def _holds(self, entry: Mapping[str, Any]) -> bool:
        try:
            with open(f"{self.folder}/{entry['name']}", "rb", buffering=0) as file:  # noqa: PTH123 (there are thousands)
                return bool(sha256(file.readall()) == entry["sha256"])
        except OSError:
            return False

    def _is_sealed(self) -> bool:
        """Whether the manifest is as the program wrote it."""
        try:
            return sha256((self.folder / self._list).read_bytes()) == self._sealer.seals.lists.get(self._name(self._list))
        except OSError:
            return False

    def draft(self, name: str, data: Content) -> Draft:
        """Write a file of the period aside, until :meth:`publish` or :meth:`issue` puts it in its place."""
        return self._store.draft(self._path(name), data)

    def publish(
        self,
        drafts: Sequence[Draft],
        manifest: Mapping[str, Any],
        made_from: Mapping[str, str] = MappingProxyType({}),
        standing: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> list[str]:
        """Put a period's files in their places and, last, the manifest that lists them; returns the names that changed.

        Each file appears whole or not at all. What an earlier run wrote and this one no longer does is removed. A list of
        all the names comes first, so that a run that is broken off in between leaves nothing that the next one would not
        know as its own. ``made_from``: digests by name; ``standing``: entries of files that stay as they lie.
        """
        listing, files = self.listing, self._named(drafts)
        before = listing.before if listing.unfinished else listing.outputs
        entries = [
            entry | {"from": made_from[name]} if (name := entry["name"]) in made_from else entry for entry in _outputs(files)
        ]
        new = _sorted([*entries, *standing.values()])
        under_way = {**{output["name"]: output for output in listing.entries}, **{output["name"]: output for output in new}}
        self._write({"unfinished": True, "before": before, "outputs": _sorted(under_way.values())}, indented=False)
        changed = {name for name, draft in files.items() if self._store.place(draft)}
        changed |= set(self._removed(listing.outputs.keys() - files.keys() - standing.keys()))
        if listing.unfinished:  # what the broken-off run had written already is news all the same
            now = {output["name"]: output["sha256"] for output in new}
            changed |= {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
        self._write({**manifest, "outputs": new})
        return sorted(changed)

    def issue(self, drafts: Sequence[Draft], asked_for: Mapping[str, Sequence[str]], blank: Mapping[str, Any]) -> None:
        """Put forms beside what a run wrote and list them in its manifest (``blank``, where no run has been yet).

        ``asked_for``: those that are not due, with what they correct; they are the week's until they are answered. The
        list comes first: what is listed and missing, the next run writes.
        """
        manifest = _json(self.folder / self._list) or {**blank, "inputs": []}
        listing, forms = self.listing, self._named(drafts)
        kept = [output for output in listing.entries if output["name"] not in forms]
        extra = {**listing.asked_for, **{name: list(corrects) for name, corrects in asked_for.items()}}
        outputs = _sorted([*kept, *_outputs(forms)])
        self._write({**manifest, "issued": dict(sorted(extra.items())), "outputs": outputs})
        self._store.keep(forms.values())

    def _removed(self, names: Iterable[str]) -> Iterator[str]:
        """Take away what is no longer written; never anything outside the week's folder."""
        for name in names:
            stale = self.folder / name
            if self.folder.resolve() in stale.resolve().parents and stale.is_file():
                stale.unlink()
                yield name
                if not any(stale.parent.iterdir()):
                    stale.parent.rmdir()

    def _named(self, drafts: Iterable[Draft]) -> dict[str, Draft]:
        """Drafts by their names in the period's folder."""
        return {draft.name.removeprefix(self._path("")): draft for draft in drafts}

    def _path(self, name: str) -> str:
        return f"{OUTBOX}/{self._name(name)}"

    def _write(self, manifest: Mapping[str, Any], indented: bool = True) -> None:
        data = (_text(manifest) if indented else json.dumps(manifest, ensure_ascii=False)).encode() + b"\n"
        self._known = None
        self._store.write(self._path(self._list), data)
        self._sealer.seal(self._name(self._list), data)

    def _name(self, name: str) -> str:
        return f"{self._period}/{name}"


class Making:
    """The files of one folder while they are planned, made and written aside; a context: at its end nothing is under way."""

    def __init__(self, box: Box, workers: Executor) -> None:
        self.box, self._workers = box, workers
        self._begun: list[Begun[Any, Draft]] = []
        self._names: set[str] = set()
        self._looked: Begun[Box, frozenset[str]] | None = None

    def look(self) -> None:
        """Have somebody look, if anybody can, which of the files that lie there are unharmed."""
        if self.box.listing.entries:
            self._looked = self._workers.begin(Box.unharmed, [self.box])

    def standing(self, made_from: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
        """Of files with a digest of what they are made from, those that lie there unharmed, made from the very same, each
        with its entry in the manifest.
        """
        (unharmed,) = self._looked.results() if self._looked else (self.box.unharmed(),)
        entries = self.box.listing.entries
        return {
            entry["name"]: entry
            for entry in entries
            if entry["name"] in unharmed and made_from.get(entry["name"]) == entry["from"]
        }

    def begin(self, files: Mapping[str, Maker]) -> None:
        """Have some made while the others are still planned, if anybody can."""
        if files and (begun := self._workers.begin(_put_aside, [(self.box, *file) for file in files.items()])):
            self._begun.append(begun)
            self._names |= files.keys()

    def drafts(self, files: Mapping[str, Maker]) -> list[Draft]:
        """All of these, with those that were begun."""
        rest = [(self.box, *file) for file in files.items() if file[0] not in self._names]
        made = drafts(rest, self._workers, self._begun)
        return made + [draft for begun in self._begun for draft in begun.results()]

    def __enter__(self) -> Making:
        return self

    def __exit__(self, *_: object) -> None:
        for begun in self._begun:
            begun.close()
        if self._looked:
            self._looked.close()


def drafts(
    files: Sequence[tuple[Box, str, Maker]], workers: Executor, beside: Sequence[Begun[Any, Any]] = ()
) -> list[Draft]:
    """Have files made and written aside: by who makes them, if they can, so that their bytes never meet in one place.

    ``beside``: what has been begun before.
    """
    groups: dict[tuple[Path, str], list[int]] = {}  # about everybody: a page and the workbook that says the same
    for n, (box, name, make) in enumerate(files):
        stem = shares_with(make) or ("" if "/" in name else name.partition(".")[0])
        if stem:
            groups.setdefault((box.folder, stem), []).append(n)
    # What shares its basis with nothing else is soon made: a fork for each would cost more.
    soon = [n for group in groups.values() if len(group) == 1 for n in group]
    large = [group for group in (*groups.values(), soon) if group and (group is soon or len(group) > 1)]
    if workers.shares_disk:
        return list(workers.spread(_drafted, files, range(len(files)), large, _samples(files), beside))
    made = workers.spread(_made, [make for _, _, make in files], range(len(files)), large)
    return [box.draft(name, data) for (box, name, _), data in zip(files, made, strict=True)]


def _samples(files: Sequence[tuple[Box, str, Maker]]) -> list[int]:
    """One file of each kind of which many are to be made."""
    kinds: dict[Hashable, list[int]] = {}
    for n, (_, _, make) in enumerate(files):
        if (kind := like(make)) is not None:
            kinds.setdefault(kind, []).append(n)
            if isinstance(kind, tuple):  # sheets of any length come from one master
                kinds.setdefault(kind[0], []).append(n)
    return [*dict.fromkeys(alike[0] for alike in kinds.values() if len(alike) >= _MANY)]


def _made(makers: Sequence[Maker], n: int) -> bytes:
    return whole(makers[n]())


def _drafted(files: Sequence[tuple[Box, str, Maker]], n: int) -> Draft:
    return _put_aside(files[n])


def _put_aside(file: tuple[Box, str, Maker]) -> Draft:
    box, name, make = file
    return box.draft(name, make())


@dataclass(frozen=True)
class Listing:
    """A manifest as far as the program goes by it.

    ``entries`` are the outputs as listed; ``asked_for``: forms issued beyond what is due, name → what they correct;
    ``ahead``: how many forms were handed out in advance; ``unfinished``: a run was broken off; ``before``: what stood
    before it.
    """

    basis: str = ""
    entries: Sequence[Mapping[str, Any]] = ()
    asked_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ahead: int = 0
    unfinished: bool = False
    before: Mapping[str, str] = field(default_factory=dict)

    @property
    def outputs(self) -> dict[str, str]:
        """What the program wrote into the period's folder: file name → SHA-256."""
        return {output["name"]: output["sha256"] for output in self.entries}


def read_listing(path: Path) -> Listing:
    """A manifest; an empty one if there is none, or none that can be read."""
    found = _json(path)
    before, asked_for, outputs = found.get("before", {}), found.get("issued", {}), found.get("outputs", [])
    sound = isinstance(outputs, list) and all(
        isinstance(o, dict) and isinstance(o.get("name"), str) and isinstance(o.get("sha256"), str) for o in outputs
    )
    return Listing(
        basis=str(found.get("basis", "")),
        entries=outputs if sound else (),
        asked_for=asked_for if isinstance(asked_for, dict) else {},
        ahead=found["ahead"] if type(found.get("ahead")) is int else 0,
        unfinished=found.get("unfinished") is True,
        before={str(k): str(v) for k, v in before.items()} if isinstance(before, dict) else {},
    )


def written_in(folder: Path, but: str = "") -> dict[str, str]:
    """What the commands wrote into a folder, by all its manifests (``but`` one): file name → SHA-256."""
    lists = sorted(path for path in folder.glob(MANIFESTS) if path.name != but)
    return {name: digest for path in lists for name, digest in read_listing(path).outputs.items()}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(manifest: Mapping[str, Any]) -> str:
    """A manifest as ``json.dumps`` indents it, which that does slowly: a list has tens of thousands of entries.

    Only the space between them is put otherwise: no text in JSON holds a line break as such.
    """
    parts = []
    for key, value in manifest.items():
        packed = json.dumps(value, ensure_ascii=False, separators=(",\n   ", ": ")) if isinstance(value, list) else ""
        if packed.startswith("[{") and packed.endswith("}]"):
            text = "[\n  {\n   " + packed[2:-2].replace("},\n   {", "\n  },\n  {\n   ") + "\n  }\n ]"
        else:
            text = json.dumps(value, ensure_ascii=False, indent=1).replace("\n", "\n ")
        parts.append(f" {json.dumps(key, ensure_ascii=False)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}"


def _outputs(files: Mapping[str, Draft]) -> list[dict[str, Any]]:
    return _sorted({"name": name, "sha256": draft.sha256, "size": draft.size} for name, draft in files.items())


def _sorted(entries: Iterable[E]) -> list[E]:
    return sorted(entries, key=lambda output: str(output["name"]))
