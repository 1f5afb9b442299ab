"""The statistics of claimed stages set beside observed ones: pure functions of arrays."""
