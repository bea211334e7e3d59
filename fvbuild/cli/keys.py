"""The key that signs your takes in the shared store, and the line by which others trust them.

Takes are signed with the key in FVBUILD_SIGNING_KEY, else with your own. Others see them once
`store: {trust: {...}}` of their fvbuild.yaml names its public half.
"""

from __future__ import annotations

import argparse
import json

from fvbuild.cli.console import Console
from fvbuild.errors import Exit, UsageError

EXAMPLES = (
    "fvbuild keys                      # the line that others put into fvbuild.yaml",
    "fvbuild keys new                  # make your key",
    "fvbuild keys new --stdout         # make one for a CI, and keep it nowhere",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """[new] [--stdout] [--json]."""
    parser.add_argument("do", nargs="?", choices=("show", "new"), default="show", metavar="new")
    parser.add_argument(
        "--stdout", action="store_true", help="with new: print the private key, keep it nowhere"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, console: Console) -> int:
    """Make a key, or show the one there is."""
    from fvbuild.project import vouching

    if args.do == "new" and args.stdout:
        return _print_new(args, console)
    if args.stdout:
        raise UsageError("a key that is kept is not printed", hint="fvbuild keys new --stdout")
    signer = vouching.make_signing_key() if args.do == "new" else vouching.own_signer()
    if signer is None:
        raise UsageError(
            "you have no signing key: what you make counts for nobody else",
            hint="fvbuild keys new makes one",
        )
    if args.json:
        console.out([json.dumps({"version": 1, "signer": signer})])
        return Exit.DONE
    if args.do == "new":
        console.say(f"Your key is in {vouching.signing_key_file()}. Keep it to yourself.")
    console.out([_line(signer)])
    return Exit.DONE


def _print_new(args: argparse.Namespace, console: Console) -> int:
    from fvbuild.project.vouching import VARIABLE
    from fvbuild.stores.signing import new_signing_key, signer_of

    key = new_signing_key()
    if args.json:
        found = {"version": 1, "signer": signer_of(key), "signing_key": key}
        console.out([json.dumps(found)])
        return Exit.DONE
    console.say(f"A secret for {VARIABLE}; others trust it by this, in `store:` of fvbuild.yaml:")
    console.say(_line(signer_of(key)))
    console.out([key])
    return Exit.DONE


def _line(signer: str) -> str:
    return f"trust: {{NAME: {signer}}}"
