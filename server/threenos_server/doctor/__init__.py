"""`threenos doctor`: looks at an installation and says in words what is wrong with it, and what cures that. An edge."""
