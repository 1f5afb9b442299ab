"""History from elsewhere: tables of activities and presences become rows like any others."""
