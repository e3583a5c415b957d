-- What the program may do with the tables that are there. Run by their owner after each `threenos db upgrade`;
-- threenos-upgrade.service does both. The same statements stand in server/threenos_server/journal/guard.py.
GRANT USAGE ON SCHEMA public TO threenos_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO threenos_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO threenos_app;
REVOKE UPDATE, DELETE, TRUNCATE ON public.journal FROM threenos_app;
