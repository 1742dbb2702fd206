"""From what a vendor's till says to a `Receipt`: one file a format. Pure."""
