"""The corpus: what people do to forms and what arrives in their place, each case built by code, each with what must happen."""
