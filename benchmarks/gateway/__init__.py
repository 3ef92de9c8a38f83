"""`make bench-gateway`: the gateway against PostGraphile, against its own executor, and against its limit."""
