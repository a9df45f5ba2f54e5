"""Does a service keep the contract of TrackFox's attribute-payment endpoint?"""
