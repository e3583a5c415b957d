"""Users, roles, sign-in, badges, rosters, pseudonyms: everything about a person, all of it outside the journal."""
