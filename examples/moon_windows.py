"""When has a site at the Moon's south pole Sun and Earth at once? Run me with ``python examples/moon_windows.py``."""

import numpy as np

import moonbridge

sky = moonbridge.default_ephemeris()
site = moonbridge.Skyline.level(-88.8, 123.4, mast_m=2.0)  # the bare sphere; with terrain the answer is another one
sun, earth = moonbridge.sun_visible(site, sky), moonbridge.earth_visible(site, sky)

print("Sun and Earth for six hours and more, January 2027:")
for window in moonbridge.windows(sun & earth, "2027-01-01", "2027-02-01", minimum=np.timedelta64(6, "h")):
    print(f"  {window.start} to {window.end}")

relay = moonbridge.relay_preset("queqiao2-24h")
print(f"\n{relay.title} (assumed: {', '.join(relay.assumed)}):")
for one in moonbridge.passes(site, relay.orbit, sky, "2027-01-01", "2027-01-03"):
    print(f"  {one.rise} to {one.set}, up to {one.highest_elevation_deg:.0f} degrees")
