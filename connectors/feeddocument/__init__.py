"""Feed documents: bytes of RSS, Atom, RDF or JSON Feed in, entries in plain values out."""
