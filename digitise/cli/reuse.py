"""`digitise reuse`: what is held for a dossier or an owner, used again."""

from pathlib import Path

import click

from digitise.cli.documents import summary
from digitise.cli.terms import data_option, json_option, out, say, services
from digitise.errors import UsageError
from digitise.model.documents import Query
from digitise.model.people import LOCAL_OPERATOR


@click.command()
@click.option("--dossier", help="Dossier code.")
@click.option("--owner", help="Owner's identifier.")
@click.option("--kind", help="Kind of paper.")
@click.option("--for", "for_", help="Dossier that the paper shall serve: records the reuse.")
@click.option("--reason", help="Why; needed with --owner and --for, and logged.")
@data_option
@json_option
def reuse(
    dossier: str | None,
    owner: str | None,
    kind: str | None,
    for_: str | None,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """See what is held for a dossier or an owner, and record that it is used again.

    \b
    Example: digitise reuse --dossier H53.12-220915-0007 --for H53.12-221001-0003 --reason "cấp đổi"
    """
    from digitise.scan.reuse import why_not

    if not dossier and not owner:
        raise UsageError("reuse_needs")
    if (owner or for_) and not reason:
        raise UsageError("reuse_reason")
    served = services(data)
    held = served.reuse.held(Query(dossier=dossier, owner_id=owner, kind=kind), LOCAL_OPERATOR, reason or "")
    rows = []
    for document in held:
        hindrances = why_not(document, served.clock().date())
        row = {**summary(document), "may_reuse": not hindrances, "why_not": list(hindrances)}
        if for_ and not hindrances:
            recorded = served.reuse.record(document.id, for_, reason or "", LOCAL_OPERATOR)
            row["reuse"] = {"id": recorded.id, "dossier": recorded.dossier, "at": recorded.at}
        rows.append(row)
    if as_json:
        out({"documents": rows})
    else:
        for row in rows:
            click.echo(f"{row['id']}\t{row['file']}\t{'✓' if row['may_reuse'] else ', '.join(row['why_not'])}")
        if not rows:
            click.echo(say("documents.nothing_held"), err=True)
    return 0
