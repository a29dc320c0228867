"""Whether OUT is as the program left it: the ledger's chain, the originals in the archive, the outputs of every week.

The chain proves that no entry was changed, removed from the middle or moved. That none was cut off its end, and that the
chain was not computed anew, show the heads noted in OUT/seals.json. Who may write in OUT can rewrite those too; against them
stands a head that was kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batch.core.finding import Finding, Moment, Place, UserError, finding
from batch.desk import ARCHIVE, LEDGER, ledger_of
from batch.files import sha256
from batch.ledger import Ledger, Source, chain
from batch.outbox import MANIFEST, MANIFESTS, OUTBOX, read_listing
from batch.seals import SEALS, Seals, read_seals

_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_FAR = 300  # positions from its own at which a moved entry is looked for
_SEQ, _RUN, _AT, _KIND, _KEY, _BODY, _HASH = range(7)
Entry = tuple[Any, ...]  # as :meth:`Ledger.entries` gives it


@dataclass(frozen=True)
class Verified:
    """How much was compared, and what was wrong. ``head``: the last hash; noted down elsewhere, it proves the whole."""

    entries: int
    head: str
    originals: int
    weeks: int
    outputs: int
    ledger: tuple[Finding, ...]
    archive: tuple[Finding, ...]
    outbox: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong."""
        return (*self.ledger, *self.archive, *self.outbox)


def verify(out: Path, head: str = "", source: Source | None = None) -> Verified:
    """Compare everything under ``out`` with what it must be; ``source``: the ledger, if it isn't the file there.

    ``head``: the hash of an entry, or its beginning, that was kept elsewhere. Raises ``use.no-out`` if there is no folder.
    """
    if not out.is_dir():
        raise UserError("use.no-out", Place(str(out)))
    source = source or ledger_of(out, None)
    place = Place(source.url or LEDGER)
    entries, wrong = _read_ledger(out, source, place)
    wrong += _check_chain(entries, place)
    seals, unread = _read_seals(out, entries)
    if entries or not wrong:  # what can't be read was said
        wrong += _check_heads(entries, seals, place)
    wrong += unread
    if head and not any(str(entry[_HASH]).startswith(head.lower()) for entry in entries):
        wrong.append(finding("verify.head-unknown", place, head=head))
    received = {str(e[_KEY]): e for e in entries if e[_KIND] == "file"}
    originals, archive = _check_archive(out / ARCHIVE, received)
    weeks, outputs, outbox = _check_outbox(out / OUTBOX, seals, received)
    return Verified(
        entries=len(entries),
        head=str(entries[-1][_HASH]) if entries else "",
        originals=originals,
        weeks=weeks,
        outputs=outputs,
        ledger=tuple(wrong),
        archive=tuple(archive),
        outbox=tuple(outbox),
    )


def _read_ledger(out: Path, source: Source, place: Place) -> tuple[list[Entry], list[Finding]]:
    used = any((out / ARCHIVE).rglob("*")) or any((out / OUTBOX).glob(f"*/{MANIFESTS}"))
    try:
        with Ledger.open(source, look_only=True) as ledger:
            if not ledger.exists:
                return [], [finding("verify.ledger-missing", place)] if used else []
            bare, entries = ledger.unguarded(), ledger.entries()
    except UserError as err:
        return [], [err.finding]
    return entries, [finding("verify.guard", place, name=", ".join(bare))] if bare else []


def _read_seals(out: Path, entries: Sequence[Entry]) -> tuple[Seals, list[Finding]]:
    try:
        seals = read_seals(out)
    except UserError as err:
        return Seals(), [err.finding]
    missing = seals is None and bool(entries)
    return seals or Seals(), [finding("verify.seals-missing", Place(SEALS))] if missing else []


def _check_heads(entries: Sequence[Entry], seals: Seals, place: Place) -> Iterator[Finding]:
    """The ledger must hold every head that was noted, and end with the last one."""
    by_seq = {entry[_SEQ]: entry for entry in entries}
    last = max((entry[_SEQ] for entry in entries), default=0)
    for head in seals.heads:
        if head.entries > last:
            first = str(last + 1)
            yield finding(
                "verify.entries-cut", place, first=first, last=str(seals.heads[-1].entries), at=Moment(seals.heads[-1].at)
            )
            return
        if head.entries in by_seq and by_seq[head.entries][_HASH] != head.hash:
            yield finding("verify.chain-rewritten", place, entry=str(head.entries), at=Moment(head.at))
            return
    if seals.heads and last > seals.heads[-1].entries:
        yield finding("verify.entries-unnoted", place, first=str(seals.heads[-1].entries + 1), last=str(last))


# --- the chain ------------------------------------------------------------------------------------------------------


def _check_chain(entries: Sequence[Entry], place: Place) -> list[Finding]:
    """Every entry must follow from the one before it. What doesn't is told apart: changed, moved, or after a gap."""
    notes: list[Finding] = []
    before = ["", ""]  # hashes the entry may follow: as stored, and as it should have been
    seq, shift = 0, 0
    by_seq = {entry[_SEQ]: entry for entry in entries}
    for entry in entries:
        gap = entry[_SEQ] > seq + 1
        if gap:
            first, last, after = (str(n) for n in (seq + 1, entry[_SEQ] - 1, entry[_SEQ]))
            notes.append(finding("verify.entries-removed", place, first=first, last=last, after=after))
        true = chain(before[0], entry[:_HASH])
        if entry[_HASH] not in (true, chain(before[1], entry[:_HASH])) and not gap:
            was = _position(entry, by_seq, before[0], shift)
            if was is None:
                # Its successor tells whether only this entry was touched or the one before it is another one.
                code = "verify.entry-changed" if _holds_on(entry, by_seq) else "verify.entry-unproven"
                notes.append(finding(code, place, entry=str(entry[_SEQ]), what=_what(entry)))
            else:
                shift = was - entry[_SEQ]
                notes.append(finding("verify.entry-moved", place, entry=str(entry[_SEQ]), what=_what(entry), was=str(was)))
        seq, before = entry[_SEQ], [entry[_HASH], true]
    return notes


def _holds_on(entry: Entry, by_seq: Mapping[int, Entry]) -> bool:
    """Whether the next entry, if there is one, still follows from this one's hash or place."""
    after = by_seq.get(entry[_SEQ] + 1)
    return after is None or after[_HASH] == chain(entry[_HASH], after[:_HASH]) or _follows_true(entry, after, by_seq)


def _follows_true(entry: Entry, after: Entry, by_seq: Mapping[int, Entry]) -> bool:
    """Whether the next entry follows from what this one's hash should be: then only the hash was overwritten."""
    before = by_seq.get(entry[_SEQ] - 1)
    return bool(after[_HASH] == chain(chain(before[_HASH] if before else "", entry[:_HASH]), after[:_HASH]))


def _position(entry: Entry, by_seq: Mapping[int, Entry], before: str, shift: int) -> int | None:
    """The number under which the entry was written, if it was another one: then its hash comes out."""
    here = entry[_SEQ]
    near = sorted(range(max(1, here - _FAR), here + _FAR + 1), key=lambda seq: (seq != here + shift, abs(seq - here), seq))
    hashes = [e[_HASH] for e in by_seq.values() if abs(e[_SEQ] - here) <= 3]
    for seq in near:
        if seq == here:
            continue
        previous = by_seq.get(seq - 1)
        follows = {before, *hashes, previous[_HASH] if previous else ""}
        if any(entry[_HASH] == chain(one, (seq, *entry[1:_HASH])) for one in sorted(follows)):
            return seq
    return None


def _what(entry: Entry) -> str:
    """The name of the file an entry is about, else its kind and key."""
    try:
        name = json.loads(entry[_BODY])["name"]
    except (ValueError, KeyError, TypeError):
        name = None
    return str(name or f"{entry[_KIND]} {str(entry[_KEY])[:12]}")


# --- archive and outputs --------------------------------------------------------------------------------------------


def _check_archive(folder: Path, received: Mapping[str, Entry]) -> tuple[int, list[Finding]]:
    notes: list[Finding] = []
    found: dict[str, Path] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        where = Place(path.relative_to(folder.parent).as_posix())
        if path.name not in received or path.parent != folder / path.name[:2]:
            notes.append(finding("verify.archive-extra", where))
            continue
        found[path.name] = path
        if _digest(path) != path.name:
            notes.append(finding("verify.archive-changed", where, name=_what(received[path.name])))
    for key, entry in received.items():
        if key not in found:
            where = Place(f"{folder.name}/{key[:2]}/{key}")
            notes.append(finding("verify.archive-missing", where, name=_what(entry), received=str(entry[_AT])))
    return len(found), sorted(notes, key=Finding.sort_key)


def _check_outbox(outbox: Path, seals: Seals, received: Mapping[str, Entry]) -> tuple[int, int, list[Finding]]:
    """Every week's list against its seal, every file against the list: (weeks, files listed, what is wrong)."""
    notes: list[Finding] = []
    listed: set[Path] = set()
    folders = sorted(path for path in outbox.glob("*") if path.is_dir())
    weeks = outputs = 0
    for folder in folders:
        weeks += any(folder.glob(MANIFESTS))
        for name in _lists_of(folder, seals):
            where, path = f"{outbox.name}/{folder.name}", folder / name
            place = Place(f"{where}/{name}")
            wrong = _check_list(path, place, seals)
            notes += wrong
            if any(f.code != "verify.output-changed" for f in wrong):
                listed.update(folder.rglob("*"))  # without its list, nothing can be said about a file
            listing = read_listing(path)
            outputs += len(listing.outputs)
            listed |= {path, *(folder / output for output in listing.outputs)}
            if listing.unfinished:
                notes.append(finding("verify.week-unfinished", place))
            else:
                notes += _check_week(folder, where, listing.outputs)
            notes += [
                finding("verify.input-unknown", place, name=given)
                for given, digest in _inputs(path)
                if digest and digest not in received
            ]
    gone = (name for name in seals.lists if not (outbox / name).parent.is_dir())
    notes += [finding("verify.output-missing", Place(f"{outbox.name}/{name}")) for name in gone]
    notes += _check_extra(outbox, listed)
    return weeks, outputs, sorted(notes, key=Finding.sort_key)


def _lists_of(folder: Path, seals: Seals) -> list[str]:
    """The lists that a folder has, or ought to have."""
    sealed = {name.partition("/")[2] for name in seals.lists if name.startswith(f"{folder.name}/")}
    return sorted({path.name for path in folder.glob(MANIFESTS)} | sealed) or [MANIFEST]


def _check_list(path: Path, place: Place, seals: Seals) -> list[Finding]:
    sealed = seals.lists.get(f"{path.parent.name}/{path.name}")
    if not path.exists():
        return [finding("verify.output-missing", place)] if sealed else []
    if not _is_listing(path):
        return [finding("verify.manifest-unreadable", place)]
    return [finding("verify.output-changed", place)] if sealed != _digest(path) else []


def _is_listing(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError):
        return False


def _inputs(path: Path) -> list[tuple[str, str]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("inputs", [])
        return [(str(i["name"]), str(i["sha256"])) for i in found]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []  # said where the list itself is checked


def _check_extra(outbox: Path, listed: Container[Path]) -> Iterator[Finding]:
    """Files that no list names. What spreadsheet programs and desktops leave beside open files is passed over."""
    for path in sorted(p for p in outbox.rglob("*") if p.is_file() or p.is_symlink()):
        if path not in listed and not path.name.startswith(("~$", ".")) and path.name.casefold() not in _LITTER:
            yield finding("verify.output-extra", Place(path.relative_to(outbox.parent).as_posix()))


def _check_week(folder: Path, where: str, files: Mapping[str, str]) -> Iterator[Finding]:
    for name, digest in files.items():
        path, place = folder / name, Place(f"{where}/{name}")
        if folder.resolve() not in path.resolve().parents or not path.is_file():
            yield finding("verify.output-missing", place)
        elif _digest(path) != digest:
            yield finding("verify.output-changed", place)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes())
    except OSError:
        return ""  # not readable is not the same


def as_data(answer: Verified, findings: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The answer as plain JSON types; ``findings`` already said in some language."""
    return {
        "sound": not answer.findings,
        "ledger": {"entries": answer.entries, "head": answer.head, "wrong": len(answer.ledger)},
        "archive": {"originals": answer.originals, "wrong": len(answer.archive)},
        "outbox": {"weeks": answer.weeks, "outputs": answer.outputs, "wrong": len(answer.outbox)},
        "findings": list(findings),
    }
