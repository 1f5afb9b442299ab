"""Parts of an evaluation: folds, scores, baselines, and what else a reviewer asks for."""
