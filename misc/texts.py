"""All texts that people read, for translators: `python -m misc.texts > messages.pot` writes the catalog to be translated.

A text is found where it is marked: `_()` and `ngettext()` in templates, `gettext()` where Python shows it at once, `N_()` and
`NN_()` where Python holds it until somebody reads it (`entrypoint/web/marking.py`).
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

FOLDER = Path(__file__).parent.parent / "entrypoint"
KEYWORDS = DEFAULT_KEYWORDS | {"NN_": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]


def catalog() -> Catalog:
    """Every text, with the files that hold it."""
    found = Catalog(project="Souk", charset="utf-8")
    options = {
        pattern: {"extensions": "jinja2.ext.do", "silent": "false"} for pattern, method in METHODS if method == "jinja2"
    }
    for name, line, message, comments, context in extract_from_dir(FOLDER, METHODS, options, KEYWORDS):
        found.add(message, None, [(f"entrypoint/{name}", line)], auto_comments=comments, context=context)
    return found


def main() -> None:
    """Write them as a template of GNU gettext."""
    written = io.BytesIO()
    write_po(written, catalog(), sort_by_file=True, omit_header=False)
    sys.stdout.buffer.write(written.getvalue())


if __name__ == "__main__":
    main()
