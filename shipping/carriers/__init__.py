"""What carriers report: signed messages, each kept once, and recorded as soon as their parcel is known."""
