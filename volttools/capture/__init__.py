"""Files and streams of frames: from packets and dump_files to log-ins, exchanges, pushes and damage."""
