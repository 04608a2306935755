"""SqlSynthGen 0.4.2, in an environment of its own, on the example's schema."""
