"""The command line `oms`: imports and exports a company, traces orders, inspects and repairs the system."""
