"""Export of translators, each proven equal to its model."""
