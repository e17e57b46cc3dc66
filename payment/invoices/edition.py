"""Which code drew a PDF: the same edition draws the same document to the same bytes, another one may not.

The audit draws documents anew. What another edition of Souk drew before is known by its hash alone, which is in the
ledger's blocks; it is not taken for tampering that newer code draws it otherwise.
"""

import hashlib
import zlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("babel", "iso4217", "pillow", "python-bidi", "reportlab", "uharfbuzz")
"""Whose output is in the bytes."""


INVOICES = ("cii", "document", "facturx", "heading", "labels", "layout", "line_table", "pdf", "rounding", "sums")
PDF = ("embedding", "pdfa", "sheet", "typeface", "typesetting", "xml_text")
"""The modules of the two folders that draw; a test compares them with what is imported."""


@cache
def edition() -> str:
    """SHA-256 (hex) over the code and the fonts that draw, and the versions of the libraries under them."""
    here = Path(__file__).parent
    pdf = here.parent / "pdf"
    code = [*(here / f"{name}.py" for name in INVOICES), *(pdf / f"{name}.py" for name in PDF)]
    files = [*code, pdf / "srgb.icc", *sorted((pdf / "fonts").iterdir())]
    digest = hashlib.sha256(zlib.ZLIB_RUNTIME_VERSION.encode())
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in files:
        digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()
