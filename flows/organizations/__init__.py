"""Who is monitored: organizations and their channels, from TOML, CSV or OPML."""

from flows.organizations.model import Organization, channel_identifier
from flows.organizations.reading import find_organizations, read_organizations

__all__ = ["Organization", "channel_identifier", "find_organizations", "read_organizations"]
