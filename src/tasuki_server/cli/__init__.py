# SPDX-License-Identifier: Apache-2.0
"""コマンド — `./tasuki NOUN …`: one module per noun, listed in :data:`tasuki_server.cli.nouns.NOUNS`.

**How to add a noun.** Write ``src/tasuki_server/cli/NOUN.py`` with four names and add one line to
``nouns.py``::

    NAME = "copay"
    HELP = ("負担金を計算します", "calculate the copayment of a case")

    def add_arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(args: argparse.Namespace) -> int: ...

- Import heavy things inside ``run``, not at the top: ``--help`` imports every module.
- ``args.format`` is ``"text"`` or ``"json"`` for every noun; results go to stdout (``print``), progress to
  stderr (``tasuki_server.cli.words.progress``). Texts come in pairs: ``say(japanese, english)``.
- Return 0 when all is fine, 1 when there are findings. Raise :class:`tasuki.kernel.finding.BadInput` for a broken
  file or value (exit 2, its sentences on stderr, nothing half-written); for trouble of the place we run in
  (port, disk, database) raise ``words.Stop(japanese, english)`` (exit 2). Anything else is our fault (exit 3).
- A noun with verbs makes its own sub-parsers in ``add_arguments`` and sets ``parser.set_defaults(verb=function)``.
- A noun that needs the database: ``from tasuki_server.database.session import connected`` and
  ``with connected(): …``. It attaches to a running server or starts one for as long as the block lasts.
"""

from __future__ import annotations

from tasuki_server.cli.main import main

__all__ = ["main"]
