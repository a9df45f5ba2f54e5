"""The mock before the real service: what passes is shown, judged, recorded, and learnt from."""
