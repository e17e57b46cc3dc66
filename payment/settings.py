"""What the payment service can be told."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from souk.errors import InvalidInput
from souk.settings import Settings
from souk.vat_numbers import checked_vat_number


class PaymentSettings(Settings):
    """The common settings, and the rules for wallets, fees and documents."""

    data_dir: Path = Path("data")
    """The data folder of the embedded size; the hashes of the ledger's blocks are kept in it unless `witness_file` says
    otherwise."""

    witness_file: str = ""
    """The file outside the database that each closed block's hash is added to; `souk audit --chain` compares the ledger with
    it. Empty: `ledger-blocks.txt` in the data folder."""

    fee_basis_points: int = Field(default=500, ge=0, le=10_000)
    """The marketplace's share of a settlement, in hundredths of a percent: 500 is 5 %."""

    self_deposit: bool | None = None
    """Whether users may add virtual money to their own wallets; unset, only in the embedded size."""

    deposit_daily_limit: int = Field(default=200_000, ge=0)
    """The most a user may add to their own wallet in one day (UTC), in minor units."""

    transfer_daily_limit: int = Field(default=100_000, ge=0)
    """The most a user may send to others in one day (UTC), in minor units; 0 switches sending off."""

    render_processes: int = Field(default=1, ge=1, le=2)
    """How many processes draw PDFs; each takes some 60 MB while it has work."""

    marketplace_name: str = "Souk"
    """The legal name of whoever runs the marketplace: the invoices of its fees carry it."""

    marketplace_address: str = ""
    """Its address without postcode and city; `|` separates lines."""

    marketplace_postcode: str = ""
    """Its postcode."""

    marketplace_city: str = ""
    """Its city."""

    marketplace_country: str = Field(default="DE", pattern="^[A-Z]{2}$")
    """Its country (ISO 3166-1 alpha-2)."""

    marketplace_vat_id: str = ""
    """Its VAT number with the country's prefix; empty if it is not registered, and then fees carry no VAT."""

    marketplace_vat_basis_points: int = Field(default=0, ge=0, le=5_000)
    """The VAT contained in the fee, in hundredths of a percent: 1900 is 19 %. Needs the VAT number."""

    invoice_retention_years: int = Field(default=10, ge=1)
    """How many years after the end of the year documents are promised to be there; nothing deletes them by itself."""

    @property
    def witness_path(self) -> Path:
        """`witness_file`, with the default filled in."""
        if self.witness_file:
            return Path(self.witness_file).expanduser()
        return self.data_dir.expanduser().resolve() / "ledger-blocks.txt"

    @property
    def users_may_deposit(self) -> bool:
        """`self_deposit`, or what the size implies."""
        return self.size == "embedded" if self.self_deposit is None else self.self_deposit

    @model_validator(mode="after")
    def _taxes_as_registered(self) -> Self:
        number = self.marketplace_vat_id
        try:
            known = checked_vat_number("marketplace_vat_id", number, self.marketplace_country)
        except InvalidInput as wrong:
            raise ValueError(f"SOUK_MARKETPLACE_VAT_ID: {wrong.message}") from wrong
        if known != number:
            raise ValueError(f"SOUK_MARKETPLACE_VAT_ID is written {known}")
        if self.marketplace_vat_basis_points and not number:
            raise ValueError("SOUK_MARKETPLACE_VAT_BASIS_POINTS needs SOUK_MARKETPLACE_VAT_ID: who charges VAT has one")
        return self
