"""Writes the model anew: `python -m misc.model`."""

from misc.model.promela import MODEL, promela

if __name__ == "__main__":
    MODEL.write_text(promela())
