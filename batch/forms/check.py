"""An office's own master, checked before a form is written from it: the keys to be looked for, the placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.finding import Place, UserError
from batch.forms.extract import read_form
from batch.forms.keys import HEADER_SHEET, TASK
from batch.forms.layout import MAY_LACK, SEEN, Layout
from batch.forms.stamp import open_master

_SOMETIMES = {"members", "meeting", "row", "subject", "reviewer", "approver", "history"}  # names that not every form has
_SCORES = {("row", "self"), ("row", "review")}  # by criterion, and empty for who has none yet


def check_keys(
    path: Path, data: bytes, layout: Layout, header: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse a master whose hidden map or header lacks a key; ``data`` was stamped from it with ``header`` and ``rows``.

    Raises :class:`UserError` (``config.template-keys``, ``config.template-header``) with the sheet and the keys.
    """
    form = read_form(data)
    fields = [field for field in (*layout.fields, *layout.tasks) if field.column not in MAY_LACK]
    found = {row.key for row in form.rows}
    wanted = [field.row for field in fields if field.row] + [str(row["staff_id"]) for row in rows]
    if not layout.per_person:
        wanted.append(f"identity.{layout.identity}")
    lacking = [key for key in dict.fromkeys(wanted) if key not in found]
    if layout.tasks and not any(key.split(".")[0] == TASK for key in found):
        lacking.append(f"{TASK}.1")
    if rows and any(str(row["staff_id"]) in lacking for row in rows):
        lacking = ["{{ row.staff_id }}", *(key for key in lacking if key not in {str(row["staff_id"]) for row in rows})]
    columns = dict.fromkeys([*(field.column for field in fields), *([SEEN] if layout.per_person else [])])
    absent = [column for column in columns if column not in form.columns]
    if lacking or absent:
        place = Place(str(path), form.sheet, "A1")
        raise UserError("config.template-keys", place, rows=", ".join(lacking) or "–", columns=", ".join(absent) or "–")
    unsaid = [key for key, value in header.items() if value and form.header.get(key) != value]
    if unsaid:
        raise UserError("config.template-header", Place(str(path), HEADER_SHEET), keys=", ".join(unsaid))


def check_names(path: Path, context: Mapping[str, Any]) -> None:
    """Refuse a master with a placeholder that nothing in ``context`` can fill, or that is no expression.

    Raises :class:`UserError` (``config.template-names``, ``config.template-wrong``) with sheet and cell.
    """
    environment = Environment(autoescape=True)  # only parses; nothing is rendered with it
    unknown: list[tuple[Place, str]] = []
    for sheet in open_master(path).worksheets:
        for cell, text in _texts(sheet):
            place = Place(str(path), sheet.title, cell)
            try:
                tree = environment.parse(text)
            except TemplateSyntaxError as err:
                raise UserError("config.template-wrong", place, problem=str(err)) from err
            names = meta.find_undeclared_variables(tree) - environment.globals.keys()
            unknown += [
                (place, ".".join(map(str, chain)))
                for chain in _chains(tree)
                if chain[0] in names and not _known(chain, context)
            ]
    if unknown:
        names_of = ", ".join(dict.fromkeys(f"{place.cell}: {name}" for place, name in unknown))
        raise UserError("config.template-names", unknown[0][0], names=names_of)


def _texts(sheet: Worksheet) -> Iterator[tuple[str, str]]:
    """Every text with a placeholder, and the cell (or the part of the sheet) it stands in."""
    found: list[tuple[str, Any]] = [("", sheet.title)]
    found += [(cell.coordinate, cell.value) for row in sheet.iter_rows() for cell in row]
    for rule in sheet.data_validations.dataValidation:
        texts = (rule.formula1, rule.promptTitle, rule.prompt, rule.errorTitle, rule.error)
        found += [(str(rule.sqref), text) for text in texts]
    margins: Any = (sheet.oddHeader, sheet.oddFooter)
    found += [("", side.text) for margin in margins for side in (margin.left, margin.center, margin.right)]
    for cell, text in found:
        if text is not None and "{{" in str(text):
            yield cell, str(text)


def _chains(node: nodes.Node) -> Iterator[tuple[str | int, ...]]:
    """The longest dotted names in an expression: ``a.b[0]`` is ('a', 'b', 0)."""
    chain = _chain(node)
    if chain:
        yield chain
    else:
        for child in node.iter_child_nodes():
            yield from _chains(child)


def _chain(node: nodes.Node) -> tuple[str | int, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _chain(node.node)
        return (*before, node.attr) if before else ()
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        before = _chain(node.node)
        return (*before, node.arg.value) if before else ()
    return ()


def _known(chain: tuple[str | int, ...], context: Mapping[str, Any]) -> bool:
    """Whether a dotted name leads to something in ``context``; what lists and texts hold is not looked into."""
    value: Any = context
    for at, step in enumerate(chain):
        if not isinstance(value, Mapping):
            return True
        if step in value:
            value = value[step]
        elif chain[:at] in _SCORES:
            return step == "total" or step in context["crit"]
        else:
            return at == 0 and step in _SOMETIMES
    return True
