"""Discovery: what a site, its profiles and Wikidata say of an organization's accounts."""
