"""For a gunicorn of your own: `gunicorn -c deploy/gunicorn.conf.py 'threenos_server.cli.serve:app()'`.

The settings are those of `threenos web`, from THREENOS_* variables or the file that THREENOS_CONFIG names; what stands
below the last line overrides them.
"""

from threenos_server import settings
from threenos_server.cli import logs
from threenos_server.cli.serve import options

chosen = settings.load({})
logs.configure(chosen.log_level)
globals().update(options(chosen))
