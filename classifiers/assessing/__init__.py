"""Self-assessments: questionnaires, what respondents answered, and the stage that follows."""
