"""Socket.IO out: every web worker follows the journal by itself and tells its sockets what is committed."""
