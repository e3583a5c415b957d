"""The simulated factory of `threenos demo`, an edge. Its people do everything as anybody could."""
