"""Estimating: vocabulary of stages and signals, ordinal classifier, claims and agreement."""
