"""From SQLite to PostgreSQL: every row in one transaction, compared before it counts. `threenos db move` calls it."""
