"""``python -m fvbuild``: the program without its script."""

import sys

from fvbuild.cli.main import entry

sys.exit(entry())
