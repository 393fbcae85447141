"""What the page tells of one account or one transfer: labelled facts as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tracer.money import yuan
from tracer.views.words import level

Facts = list[tuple[str, str]]

_FORMS = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M"}


def name(account: str, node: dict[str, Any], vocabulary: dict[str, str]) -> str:
    """
    Name an account in a few characters: its holder and the last four digits.

    Parameters
    ----------
    account
        The account's key, such as ``"6222020000000001234"`` or ``"tenpay:ID"``.
    node
        The account's attributes in the graph.
    vocabulary
        What `words.words` returned.

    Examples
    --------
    >>> name("6222020000000001234", {"holder": "张三"}, {})
    '张三 ·1234'
    """
    platform, _, number = account.rpartition(":")
    if not platform and not any(map(str.isdigit, account)):
        return node.get("holder") or vocabulary.get(account, account)
    if account.startswith("unknown:"):
        return node.get("holder") or vocabulary["unknown"]
    if platform == "merchant" and not number.isdigit():
        return node.get("holder") or number
    return f"{node.get('holder', '')} ·{number[-4:]}".strip()


def account_facts(account: str, node: dict[str, Any], vocabulary: dict[str, str]) -> Facts:
    """
    Tell an account's facts.

    Parameters
    ----------
    account
        The account's key, shown in full.
    node
        The account's attributes in the graph.
    vocabulary
        What `words.words` returned.

    Returns
    -------
    list of (str, str)
        Label and value; an amount of exits, returns and settled money is told
        only where there is one.
    """
    say = vocabulary
    facts = [
        (say["account"], account),
        (say["holder"], node["holder"] or say["not_given"]),
        (say["institution"], node["institution"] or say["not_given"]),
        (say["kind"], say.get(node["kind"], node["kind"])),
        (say["level"], level(node["level"], say)),
        (say["received"], yuan(node["received_fen"])),
        (say["passed"], yuan(node["passed_fen"])),
        (say["held"], yuan(node["held_fen"])),
    ]
    facts += [
        (say[kind], yuan(node[f"{kind}_fen"]))
        for kind in ("exit", "returned", "settled")
        if node[f"{kind}_fen"]
    ]
    if node["frontier"]:
        facts.append((say["frontier"], say["frontier_note"].format(yuan(node["frontier_fen"]))))
    return facts + _evidence(node, say)


def _evidence(node: dict[str, Any], say: dict[str, str]) -> Facts:
    balance = node["last_balance_fen"]
    covered = [node["covered_from"], node["covered_to"]]
    span = " — ".join(moment(end) for end in covered if end) or say["no_coverage"]
    return [
        (say["coverage"], span),
        (say["balance"], say["not_given"] if balance is None else yuan(balance)),
        (say["first_time"], moment(node["first_time"]) or say["not_given"]),
        (say["last_time"], moment(node["last_time"]) or say["not_given"]),
    ]


def transfer_facts(ends: Sequence[str], edge: dict[str, Any], vocabulary: dict[str, str]) -> Facts:
    """
    Tell a transfer's facts.

    Parameters
    ----------
    ends
        How payer and payee are called, in full.
    edge
        The transfer's attributes in the graph.
    vocabulary
        What `words.words` returned.

    Returns
    -------
    list of (str, str)
        Label and value; evidence that says nothing is left out.
    """
    say = vocabulary
    facts = [
        (say["time"], when(edge, say)),
        (say["payer"], ends[0]),
        (say["payee"], ends[1]),
        (say["amount"], yuan(edge["fen"])),
        (say["traced"], yuan(edge["traced_fen"])),
    ]
    facts += [
        (say["traced_of"].format(victim), yuan(fen)) for victim, fen in edge["victims"].items()
    ]
    told = {
        "summary": edge["summary"],
        "channel": edge["channel"],
        "currency": edge["currency"].replace("CNY", ""),
        "status": edge["status"].replace("ok", ""),
        "join": edge["reason"],
        "payer_record": edge["payer_record"],
        "payee_record": edge["payee_record"],
    }
    return facts + [(say[label], value) for label, value in told.items() if value]


def when(edge: dict[str, Any], vocabulary: dict[str, str]) -> str:
    """
    Tell a transfer's time as exactly as the evidence does, and no more so.

    Parameters
    ----------
    edge
        The transfer's attributes in the graph.
    vocabulary
        What `words.words` returned.
    """
    notes = {"day": vocabulary["date_only"], "minute": vocabulary["minute_only"]}
    precision = edge.get("time_precision", "")
    return moment(edge["time"], precision) + notes.get(precision, "")


def moment(time: datetime | None, precision: str = "second") -> str:
    """
    Write a time to the second, or as exactly as it is known.

    Parameters
    ----------
    time
        The time; None is "".
    precision
        second, minute or day.

    Examples
    --------
    >>> moment(datetime(2024, 5, 20, 9, 30, 5))
    '2024-05-20 09:30:05'
    """
    return time.strftime(_FORMS.get(precision, "%Y-%m-%d %H:%M:%S")) if time else ""
