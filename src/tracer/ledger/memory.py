"""Memory: what a case keeps beside its ledger, so that a round makes only a part of it anew."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tracer.table import FLAG, KEY, NUMBER, TEXT, TIME, Table

# By which keys a rule can connect each entry to others.
TOUCHES = Table("touches", {
    "entry_id": NUMBER,
    "before": TIME,  # When its account's statement had the row before, as it came.
    # Hashes, 0 where there is nothing to hash.
    "mirror": KEY,  # Of payer, payee and amount.
    "theirs": KEY,  # Of the counterparty, the amount and the day.
    "seek": KEY,  # Of the own account, amount and day, where that finds the other record.
    "named": KEY,  # Of the counterparty, of a platform's records.
    "bank_link": KEY, "bank_serial": KEY,  # Of the numbers of a bank's record of a crossing.
    "link": KEY, "serial": KEY,  # And of a platform's record.
})  # fmt: skip

# Whose entries are: all from one row of the table up to the next are of one account, as files
# mostly hold them.
OWNERS = Table("owners", {
    "entry_id": NUMBER,
    "own": NUMBER,  # A hash of the account.
    "wallet": FLAG,  # Whether it is with a payment platform.
})  # fmt: skip

# What became of an entry among those of its account, which alone a round can change; of most no
# more than its row of `touches` tells, and they have none here.
OUTCOMES = Table("outcomes", {
    "entry_id": NUMBER, "stands": NUMBER,  # The entry that counts for it; itself if it does.
    "first": NUMBER,  # The smallest entry_id that it counts for; its own if it counts for none.
    "before": TIME,  # When the account's own statement has the row before.
    "against": NUMBER,  # The entry that took it back, or that it took back; 0 for none.
})  # fmt: skip
OUTCOME = ("stands", "first", "before", "against")

SIGHTINGS = Table("sightings", {
    "account": TEXT, "holder": TEXT, "holder_id": TEXT, "institution": TEXT,
    "own": FLAG, "plain": FLAG,  # The account's own statement says so; only a plain table does.
    "weight": NUMBER, "times": NUMBER,  # How much the source counts; in how many entries.
}, diverse=("account",))  # fmt: skip

# What payments that both sides tell of show of the clocks, and which of them clocks can pair.
GAPS = Table("gaps", {
    "turn": NUMBER,  # Which turn of matching met them.
    "one": NUMBER, "two": NUMBER,  # Hashes of the payer's institution and of the payee's.
    "entry_id": NUMBER,  # The payer's record, the first of several.
    "alone": FLAG,  # Whether it is alone in payer, payee and amount, and so tells of the clocks.
    "gap": NUMBER,  # Microseconds by which the payee's record is later; 0 where there are several.
    # So far may the payee's clock be ahead, as far as that is sure, without any other pairs.
    "least": NUMBER, "most": NUMBER,
})  # fmt: skip

# How many payments that are alone show each difference; the rows of one difference add up.
TALLIES = Table("tallies", dict.fromkeys(("turn", "one", "two", "gap", "times"), NUMBER))

CLEARINGS = Table("clearings", {"account": TEXT})


@dataclass(frozen=True)
class Memory:
    """What the tables of this module hold."""

    touches: pd.DataFrame
    """The table `touches`."""
    owners: pd.DataFrame
    """The table `owners`."""
    outcomes: pd.DataFrame
    """The table `outcomes`."""
    sightings: pd.DataFrame
    """The table `sightings`: what `parties.sightings` returned."""
    gaps: pd.DataFrame
    """The table `gaps`."""
    tallies: pd.DataFrame
    """The table `tallies`: what `clocks.tallied` returns of the gaps."""
    clearings: pd.DataFrame
    """The table `clearings`: the accounts that only pass money on."""
    same: dict[str, str | bool]
    """What `Told.same` tells of all entries."""
