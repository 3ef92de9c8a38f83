"""Currencies that ISO 4217 has withdrawn: orders of the past are in them, new prices are not.

When a new edition of the list drops a currency, it comes here with the decimals that it had.
"""

from __future__ import annotations

# Source: ISO 4217, list three (historic denominations), as of 2026-01-01, without the units of account that had no
# minor unit (XFO, XFU, XRE). That list has no decimals: they are those of the list while the currency was on it, as
# java.util.Currency keeps them; of the currencies that were gone before it kept any, the usual two.
_WITHOUT_DECIMALS = "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE ROL TPE TRL"
_WITH_TWO = """
    AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEL BGJ BGK BGL BGN BOP BRB BRC BRE BRN BRR
    BUK CHC CSD CSJ CSK CUC CYP DDM DEM ECS ECV EEK ESA ESB FIM FRF GEK GHC GHP GNE GNS GQE GWE GWP HRD
    HRK IEP ILP ILR ISJ LAJ LSM LTL LTT LUC LUL LVL LVR MLF MRO MTL MTP MVQ MXP MZE MZM NIC NLG PEH PEI
    PES PLZ RHD ROK RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM UAK UGS UGW USS UYN UYP VEB VEF VNC XEU
    YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR
"""

RETIRED: dict[str, int] = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_TWO.split(), 2),
}
"""The decimals of each."""
