"""How dates and times read everywhere: ISO dates and 24 hours, since all of them are UTC."""
