"""`trackfox-mock ca`: the mock's certificate authority, and what would have each platform trust it."""

from __future__ import annotations

from pathlib import Path

import click

from trackfox_mock.interception.authority import Authority, trusting


@click.command("ca")
@click.option(
    "--ca-dir",
    envvar="TRACKFOX_MOCK_CA_DIR",
    show_envvar=True,
    type=click.Path(path_type=Path),
    help="Where it is kept; by default in a folder of this user's settings.",
)
def command(*, ca_dir: Path | None) -> None:
    """Print where the certificate authority is, and what would have each platform trust it.

    It is made if it is not there yet. Nothing is installed: trust it where you must, and take it out again afterwards.
    """
    folder = ca_dir or Path(click.get_app_dir("trackfox-mock")) / "ca"
    authority = Authority(folder)
    click.echo(f"{authority.certificate}")
    click.echo(f"Served with it:  trackfox-mock serve --https --ca-dir {folder}")
    click.echo("Whoever has ca-key.pem beside it can pretend to be any host to whom trusts it: keep it to yourself.")
    click.echo("To trust it, one of:")
    width = max(len(where) for where, _ in trusting(authority.certificate))
    for where, line in trusting(authority.certificate):
        click.echo(f"  {where:{width}}  {line}")
