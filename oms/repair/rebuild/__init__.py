"""`oms rebuild`: a view made anew from the topics beside the live one, compared, and put in its place."""
