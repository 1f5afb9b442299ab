"""From what is claimed and observed to what comes next: steps, initiatives, places among peers."""
