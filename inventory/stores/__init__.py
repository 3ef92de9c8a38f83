"""The places that hold stock, as central knows them, and the policies of their stock."""
