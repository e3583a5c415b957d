"""The figures, pure: functions of their arguments, standard library only. The README beside this folder lists them."""
