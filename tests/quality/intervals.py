"""Wilson's score interval: how sure a share is that was counted."""
from math import sqrt


def wilson(part, whole, z=1.96):
    """(low, high) at 95 %; (0, 1) when nothing was counted."""
    if not whole:
        return 0.0, 1.0
    share = part / whole
    middle = share + z * z / (2 * whole)
    spread = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + z * z / whole)), min(1.0, (middle + spread) / (1 + z * z / whole))
