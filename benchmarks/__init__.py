"""How fast it is: each benchmark prints ratios against a peer or the limit, measured in the same run."""
