"""Issued documents are written once, and their hashes are part of the ledger's blocks."""

import sqlalchemy as sa
from alembic import op

from souk.database.provision import app_role

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LAWS = """
-- What is in a document, and the PDF that was drawn of it, take a position in the chain of blocks as they are written. Runs
-- as the owner, for nobody else may write here; the transaction has its number already, as blocks need it.
CREATE FUNCTION seal_document() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_current_xact_id();
    IF TG_TABLE_NAME = 'invoice' THEN
        INSERT INTO sealed_document (position, invoice_id, part, hash)
            VALUES (nextval('transfer_position_seq'), NEW.id, 'document', NEW.document_hash);
    ELSIF NEW.content_hash IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.content_hash IS NULL) THEN
        INSERT INTO sealed_document (position, invoice_id, part, hash)
            VALUES (nextval('transfer_position_seq'), NEW.invoice_id, 'pdf', NEW.content_hash);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER sealed AFTER INSERT ON invoice FOR EACH ROW EXECUTE FUNCTION seal_document();
CREATE TRIGGER sealed AFTER INSERT OR UPDATE ON invoice_pdf FOR EACH ROW EXECUTE FUNCTION seal_document();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A PDF is drawn once: what is there stays as it is, and what is written is what its hash says.
CREATE FUNCTION write_pdf_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.content_hash IS NOT NULL AND (NEW.invoice_id, NEW.content, NEW.content_hash, NEW.drawn_by)
            IS DISTINCT FROM (OLD.invoice_id, OLD.content, OLD.content_hash, OLD.drawn_by) THEN
        RAISE EXCEPTION 'the PDF of document % was drawn already, and is kept as it is', OLD.invoice_id
            USING ERRCODE = 'restrict_violation';
    ELSIF NEW.content_hash IS DISTINCT FROM encode(sha256(NEW.content), 'hex') THEN
        RAISE EXCEPTION 'the PDF of document % is not what its hash says', NEW.invoice_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER written_once BEFORE INSERT OR UPDATE OF invoice_id, content, content_hash, drawn_by ON invoice_pdf
    FOR EACH ROW EXECUTE FUNCTION write_pdf_once();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON invoice_pdf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# What was issued before is sealed from now on.
SEAL = """
INSERT INTO sealed_document (position, invoice_id, part, hash)
    SELECT nextval('transfer_position_seq'), id, part, hash FROM (
        SELECT i.id, 'document' AS part, i.document_hash AS hash FROM invoice i
        UNION ALL SELECT p.invoice_id, 'pdf', p.content_hash FROM invoice_pdf p WHERE p.content_hash IS NOT NULL
        ORDER BY 1, 2
    ) issued;
"""


def upgrade() -> None:
    op.create_table(
        "sealed_document",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("part IN ('document', 'pdf')", name="ck_sealed_document_part"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_sealed_document_invoice_id"),
        sa.PrimaryKeyConstraint("position", name="pk_sealed_document"),
        sa.UniqueConstraint("invoice_id", "part", name="uq_sealed_document_invoice_id_part"),
    )
    op.add_column("invoice_pdf", sa.Column("drawn_by", sa.Text(), nullable=True))
    op.add_column("block", sa.Column("documents", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.drop_constraint("ck_block_counted", "block")
    op.create_check_constraint(
        op.f("ck_block_counted"),
        "block",
        "number > 0 AND transfers >= 0 AND documents >= 0 AND transfers + documents > 0",
    )
    for law in (SEAL, *_statements(LAWS)):
        op.execute(sa.text(law.replace(":", "\\:")))
    app = app_role("payment")
    op.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON sealed_document FROM {app}")
    op.execute(f"REVOKE DELETE, TRUNCATE ON invoice_pdf FROM {app}")


def downgrade() -> None:
    for trigger, table in (("sealed", "invoice"), ("sealed", "invoice_pdf"), ("written_once", "invoice_pdf")):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP TRIGGER kept ON invoice_pdf")
    op.drop_table("sealed_document")
    for function in ("seal_document", "write_pdf_once"):
        op.execute(f"DROP FUNCTION {function}")
    # Blocks over documents alone say nothing to whoever does not know them; those after them no longer follow.
    op.drop_constraint("ck_block_counted", "block")
    op.drop_column("block", "documents")
    op.create_check_constraint(
        op.f("ck_block_counted"), "block", "number > 0 AND transfers > 0", postgresql_not_valid=True
    )
    op.drop_column("invoice_pdf", "drawn_by")
    op.execute(f"GRANT DELETE ON invoice_pdf TO {app_role('payment')}")


def _statements(script: str) -> list[str]:
    """The script's statements: each ends with `;` at the end of a line, outside of `$$` bodies."""
    parts, inside = [""], False
    for line in script.splitlines(keepends=True):
        parts[-1] += line
        inside ^= line.count("$$") % 2 == 1
        if not inside and line.rstrip().endswith(";"):
            parts.append("")
    return [part for part in parts if part.strip()]
