"""`iopsgen comments receive`: the receiver on this machine, for trying it out."""

from pathlib import Path

import click

from iopsgen.cli.site import find_site


@click.command()
@click.option("--site", metavar="DIR", help="Folder of the site; else the nearest one upwards with an iopsgen.yml.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Where to listen; 0 takes a free one.")
def receive(site: str | None, port: int) -> None:
    """Take in comments on this machine, to try it out.

    Listens at http://127.0.0.1:8765/ only, and adds what comes to the inbox. On a server, let one for WSGI run
    iopsgen.receiver:application instead, with IOPSGEN_SITE set to the folder of the site.
    """
    from iopsgen.receiver.alone import open_server, serve

    folder: Path = find_site(site)
    try:
        server = open_server(folder, port)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from fault
    except OSError as fault:
        raise click.UsageError(f"Port {port} cannot be used: {fault.strerror or fault}. Name another one with --port.") from fault
    address = f"http://127.0.0.1:{server.server_port}/"
    click.echo(f"Taking in comments at {address}; Ctrl-C ends it. To try it with the form of a page, start in another window:")
    click.echo(f"    iopsgen serve --set comments.form.service=receiver --set comments.form.action={address}")
    serve(server)
