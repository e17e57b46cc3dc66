"""Sentences for what the payment service refuses."""

from entrypoint.refusals.sentences import Sentence
from entrypoint.web.marking import N_, NN_

SENTENCES: dict[str, Sentence] = {
    # wallets
    "deposits-closed": N_("On this marketplace only its administrators add money to wallets."),
    "deposit-limit-reached": N_("You can still add {left} today; nothing was added."),
    "transfer-limit-reached": N_("You can still send {left} today; nothing was sent."),
    "insufficient-funds": N_("It lacks {missing}; nothing was sent."),
    "wallet-frozen": N_("Nothing can leave it until an operator reopens it; nothing was sent."),
    "wallet-closed": N_("Your wallet is closed; nothing was sent."),
    "recipient-wallet-closed": N_("The recipient's wallet is closed; nothing was sent."),
    "wallet-closed-to-money": N_("The wallet is closed; nothing was added."),
    "wallet-not-empty": N_(
        "Only an empty wallet can be closed; this one still has, awaits or owes money. Freeze it instead."
    ),
    "wallet-needed-until": N_(
        "This wallet is needed until {until:date}: an order of its user can still be refunded. Freeze it instead."
    ),
    "wallet-still-needed": N_(
        "This wallet is needed for now: an order of its user can still be refunded. Freeze it instead."
    ),
    "no-wallet": N_("This user has no wallet."),
    "another-marketplace-currency": N_("This marketplace uses {currency}, not “{other}”."),
    "issue-out-of-range": N_("That is nothing, or more than can be issued at once."),
    "say-why": N_("Say why, in 1 to {most} characters."),
    "key-of-another-payment": N_("Something else was done with this form. Nothing was done now; open it anew."),
    "key-of-another-transfer": N_("Something else was sent with this form. Nothing was sent now; open it anew."),
    "recipient-needed": N_("Name the recipient by their id, or by their email address."),
    "recipient-not-an-address": N_("This is not an email address. Nothing was sent."),
    "recipient-yourself": N_("You cannot send money to yourself."),
    "own-address": N_("This is your own address. Nothing was sent."),
    "unknown-recipient": N_("Nobody here has this id. Nothing was sent."),
    "note-unusable": N_("Use one line of at most {most} characters."),
    "period-too-long": NN_(
        "It has {entries} movement, and a document takes {most}. Choose a shorter period.",
        "It has {entries} movements, and a document takes {most}. Choose a shorter period.",
        by="entries",
    ),
    "offset-needed": N_("{label} needs its offset, such as 2026-11-01T00:00:00Z."),
    "year-out-of-range": N_("{label} must be in the years {first:year} to {last:year}."),
    "until-before-since": N_("The last day must be later than the first."),
    # the ledger and escrow
    "ledger-busy": N_("Too many transfers wait; nothing was moved. Try again in a moment."),
    "ledger-closing": N_("The ledger is closing; nothing was moved. Try again in a moment."),
    "ledger-stopped": N_("The ledger was stopped. Send it again: it is done once."),
    "nothing-decided": N_("Nothing was decided on this purchase's payment."),
    # documents
    "invoice-not-yours": N_("There is no such invoice among yours."),
    "damaged": N_("This document was changed after it was issued, so it is not given out. We look into it."),
    "no-documents": N_("No document of yours was issued in that month, or it has fewer parts."),
    "not-a-month": N_("{label} is written like 2026-11."),
    "documents-being-drawn": N_("Some of these documents are being drawn up just now. Try again in a minute."),
    "documents-being-packed": N_("Many documents are being packed just now. Try again in a moment."),
    "many-drawn": N_("Many documents are being drawn. Try again in a moment."),
    "drawing-slow": N_("The document takes too long to draw. Try again in a moment."),
    "stopping": N_("The shop is being restarted. Try again in a moment."),
    # who somebody is on documents
    "no-legal-profile": N_("You have not said yet who you are on documents."),
    "tax-id-needed": N_("A business needs its VAT number here, or its tax number below."),
    "business-charges-vat": N_("A business charges VAT, or says why not: choose S, Z or E."),
    "rate-of-category": N_("Category S has a rate above zero, every other category the rate zero."),
    "exemption-of-category": N_("Category E, and no other, says why no VAT is charged."),
    "private-charges-no-vat": N_("A private person charges no VAT: the category is O."),
    "business-only": N_("Only a business has this. Leave it empty, or choose business."),
}
