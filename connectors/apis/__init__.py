"""What connectors of JSON interfaces share: cursors, payloads, identities, dates, wording."""
